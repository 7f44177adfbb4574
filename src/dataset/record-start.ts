import { MAX_RECORD_CHARS } from './csv.ts';

const [COMMA, QUOTE, CR, LF] = [44, 34, 13, 10];

/** Where a parser may stand, as CsvParser has it. */
type State = 'start' | 'bare' | 'quoted' | 'closing' | 'return' | 'broken';

/** A parser that may have read so many characters of a record, from `least` to `most`. */
interface Hypothesis {
  state: State;
  least: number;
  most: number;
}

/**
 * Finds where a record begins in the middle of a CSV, without what comes before: at the first place where a parser begins
 * a record whatever it has read before. That is so for any file, with line breaks in quotes and with faults too: all
 * states that a parser could be in are followed side by side until they are one. As a rule that is soon: what is wrong
 * about quotes finds a fault at the next one, and no reading outlives the longest record. But a file can be such that a
 * wrong reading goes on for ever, from fault to fault, as when every quoted cell ends with a line break.
 *
 * For two places in a file, the later one's record never begins before the earlier one's: ranges between such records
 * hold each record once.
 *
 * @param pieces the bytes of the file from any place on, as many as shall be looked at
 * @returns how many bytes further on a record begins; undefined when that cannot be told for certain
 */
export async function recordStart(
  pieces: AsyncIterable<Uint8Array>,
  maxRecordChars = MAX_RECORD_CHARS,
): Promise<number | undefined> {
  const states: State[] = ['start', 'bare', 'quoted', 'closing', 'return', 'broken'];
  let hypotheses = states.map((state): Hypothesis => ({ state, least: 0, most: maxRecordChars }));
  let at = 0;
  for await (const bytes of pieces) {
    for (let i = 0; i < bytes.length; ) {
      const byte = bytes[i++];
      let chars = charsOf(byte);
      hypotheses = step(hypotheses, byte, chars, maxRecordChars);
      if (byte === LF && hypotheses.length === 1 && isRecordStart(hypotheses[0])) return at + i;
      if (isSpecial(byte)) continue;
      // What else there is of plain text changes counts alone.
      for (chars = 0; i < bytes.length && !isSpecial(bytes[i]); i++) chars += charsOf(bytes[i]);
      if (chars > 0) hypotheses = step(hypotheses, byte, chars, maxRecordChars);
    }
    at += bytes.length;
  }
  return undefined;
}

const isSpecial = (byte: number) => byte === COMMA || byte === QUOTE || byte === CR || byte === LF;

const isRecordStart = ({ state, most }: Hypothesis) => state === 'start' && most === 0;

/** @param chars how many characters are read: of one byte, or of several that are plain text as it is */
function step(
  hypotheses: readonly Hypothesis[],
  byte: number,
  chars: number,
  maxRecordChars: number,
): Hypothesis[] {
  const next: Hypothesis[] = [];
  const add = (hypothesis: Hypothesis) => {
    const isThere = next.some(
      ({ state, least, most }) =>
        state === hypothesis.state && least === hypothesis.least && most === hypothesis.most,
    );
    if (!isThere) next.push(hypothesis);
  };
  const addNext = (hypothesis: Hypothesis) => add({ ...hypothesis, ...after(hypothesis.state, byte) });
  for (const { state, ...counted } of hypotheses) {
    if (state === 'broken') {
      addNext(BROKEN);
      continue;
    }
    const [least, most] = [counted.least + chars, counted.most + chars];
    // Of those that have read between `least` and `most`, some are beyond the bound and the others are not.
    if (most > maxRecordChars) addNext(BROKEN);
    if (least <= maxRecordChars) addNext({ state, least, most: Math.min(most, maxRecordChars) });
  }
  return next;
}

/** What a byte of UTF-8 adds to a text's length in UTF-16: the whole character with its first byte. */
function charsOf(byte: number): number {
  if ((byte & 0xc0) === 0x80) return 0;
  return byte >= 0xf0 ? 2 : 1;
}

const RECORD_START = { state: 'start', least: 0, most: 0 } as const;
const BROKEN = { state: 'broken', least: 0, most: 0 } as const;

/** What a byte makes of a state; what is left out stays. */
function after(state: State, byte: number): Partial<Hypothesis> {
  switch (state) {
    case 'start':
      return byte === QUOTE ? { state: 'quoted' } : after('bare', byte);
    case 'bare':
      if (byte === QUOTE) return BROKEN;
      return separated(byte) ?? { state: 'bare' };
    case 'quoted':
      return { state: byte === QUOTE ? 'closing' : 'quoted' };
    case 'closing':
      if (byte === QUOTE) return { state: 'quoted' };
      return separated(byte) ?? BROKEN;
    case 'return':
      return byte === LF ? RECORD_START : BROKEN;
    case 'broken':
      return byte === LF ? RECORD_START : {};
  }
}

function separated(byte: number): Partial<Hypothesis> | undefined {
  if (byte === COMMA) return { state: 'start' };
  if (byte === CR) return { state: 'return' };
  return byte === LF ? RECORD_START : undefined;
}
