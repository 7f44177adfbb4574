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
 * states that a parser could be in are followed side by side until they are one. Where most of them are wrong they end
 * soon, since within quotes, or outside of them, the next quote is a fault; and none outlives the longest record.
 *
 * For two places in a file, the later one's record never begins before the earlier one's: ranges between such records
 * hold each record once.
 *
 * @param pieces the bytes of the file from any place on
 * @returns how many bytes further on a record begins; their number when none certainly does
 */
export async function recordStart(
  pieces: AsyncIterable<Uint8Array>,
  maxRecordChars = MAX_RECORD_CHARS,
): Promise<number> {
  const states: State[] = ['start', 'bare', 'quoted', 'closing', 'return', 'broken'];
  let hypotheses = states.map((state): Hypothesis => ({ state, least: 0, most: maxRecordChars }));
  let at = 0;
  for await (const bytes of pieces) {
    for (const byte of bytes) {
      at++;
      hypotheses = step(hypotheses, byte, maxRecordChars);
      if (byte === LF && hypotheses.length === 1 && isRecordStart(hypotheses[0])) return at;
    }
  }
  return at;
}

const isRecordStart = ({ state, most }: Hypothesis) => state === 'start' && most === 0;

function step(hypotheses: readonly Hypothesis[], byte: number, maxRecordChars: number): Hypothesis[] {
  const chars = charsOf(byte);
  const next: Hypothesis[] = [];
  const add = (hypothesis: Hypothesis) => {
    const isThere = next.some(
      ({ state, least, most }) =>
        state === hypothesis.state && least === hypothesis.least && most === hypothesis.most,
    );
    if (!isThere) next.push(hypothesis);
  };
  const broken: Hypothesis = { state: 'broken', least: 0, most: 0 };
  const addNext = (hypothesis: Hypothesis) => add({ ...hypothesis, ...after(hypothesis.state, byte) });
  for (const { state, ...counted } of hypotheses) {
    const [least, most] = [counted.least + chars, counted.most + chars];
    if (state === 'broken') addNext(broken);
    else {
      // Of those that have read between `least` and `most`, some are beyond the bound and the others are not.
      if (most > maxRecordChars) addNext(broken);
      if (least <= maxRecordChars) addNext({ state, least, most: Math.min(most, maxRecordChars) });
    }
  }
  return next;
}

/** What a byte of UTF-8 adds to a text's length in UTF-16: the whole character with its first byte. */
function charsOf(byte: number): number {
  if ((byte & 0xc0) === 0x80) return 0;
  return byte >= 0xf0 ? 2 : 1;
}

const RECORD_START = { state: 'start', least: 0, most: 0 } as const;

/** What a byte makes of a state; what is left out stays. */
function after(state: State, byte: number): Partial<Hypothesis> {
  switch (state) {
    case 'start':
      return byte === QUOTE ? { state: 'quoted' } : after('bare', byte);
    case 'bare':
      if (byte === QUOTE) return { state: 'broken', least: 0, most: 0 };
      return separated(byte) ?? { state: 'bare' };
    case 'quoted':
      return { state: byte === QUOTE ? 'closing' : 'quoted' };
    case 'closing':
      if (byte === QUOTE) return { state: 'quoted' };
      return separated(byte) ?? { state: 'broken', least: 0, most: 0 };
    case 'return':
      return byte === LF ? RECORD_START : { state: 'broken', least: 0, most: 0 };
    case 'broken':
      return byte === LF ? RECORD_START : {};
  }
}

function separated(byte: number): Partial<Hypothesis> | undefined {
  if (byte === COMMA) return { state: 'start' };
  if (byte === CR) return { state: 'return' };
  return byte === LF ? RECORD_START : undefined;
}
