import type { Feature } from '../../model/manifest.ts';
import { NUMBER_TEXT } from '../../model/features.ts';
import { MAX_RECORD_CHARS } from '../csv.ts';
import { csvCell } from '../csv-cell.ts';

const [SPACE, QUOTE, PLUS, COMMA, MINUS, POINT, CR, LF] = [32, 34, 43, 44, 45, 46, 13, 10];
const [ZERO, SEMICOLON, BAR] = [48, 59, 124];

/** What a byte means for the cell that it stands in: nothing for most. */
const [ENDS_CELL, MAY_BE_FORMULA, QUOTES] = [1, 2, 4];

const MEANING = new Uint8Array(256);
for (const byte of [COMMA, CR, LF]) MEANING[byte] = ENDS_CELL;
// The wide forms of these four begin with 0xef.
for (const byte of [...new TextEncoder().encode('=+-@'), 0xef]) MEANING[byte] = MAY_BE_FORMULA;
MEANING[QUOTE] = QUOTES;

/** So many digits are below 2 ^ 53, so that the number they make is exact, and so is its quotient by a power of ten. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

type Kind = 'other' | 'number' | 'integer' | 'choice';

interface Column {
  kind: Kind;
  /** Where a row's numbers hold its value; and again, or NOWHERE. */
  place: number;
  again: number;
  min: number;
  max: number;
  /** By how many bytes they take: the choices, with their indexes. */
  choices: ReadonlyMap<number, readonly { bytes: Uint8Array; index: number }[]>;
}

const NOWHERE = -1;
const NO_CHOICES: Column['choices'] = new Map();

/**
 * Reads rows off the bytes: those of the usual form, of which nothing need be said. Any other, and each with a fault, is
 * left to RowReader, which gives the same for all of them.
 */
export class RowScanner {
  readonly #columns: readonly Column[];
  /** Behind the text of the row that was read last, before its line break. */
  textEnd = 0;
  /** Where the cell that is being read ends. */
  #cellEnd = 0;
  /** What its bytes mean together. */
  #meaning = 0;

  /**
   * @param header the names of the columns, which have those of all features and of `outside`
   * @param outside columns with numbers that are wanted beside the features, by name, each once, and the least that each may be
   */
  constructor(
    header: readonly string[],
    features: readonly Feature[],
    outside: readonly { column: string; min: number }[] = [],
  ) {
    this.#columns = header.map((cell) => {
      const name = cell.trim();
      const feature = features.findIndex(({ column }) => column === name);
      const beside = outside.findIndex(({ column }) => column === name);
      const place = feature < 0 && beside >= 0 ? features.length + beside : feature;
      const again = feature >= 0 && beside >= 0 ? features.length + beside : NOWHERE;
      const max = Number.MAX_VALUE;
      const least = outside[beside]?.min ?? -max;
      if (feature < 0) {
        const kind = beside < 0 ? 'other' : 'number';
        return { kind, place, again, min: least, max, choices: NO_CHOICES };
      }
      const { kind, choices = [], ...range } = features[feature];
      // A choice's index is not the number that its text may be.
      const isEither = kind === 'choice' && again !== NOWHERE;
      const min = isEither ? Number.POSITIVE_INFINITY : Math.max(range.min, least);
      return { kind, place, again, min, max: range.max, choices: byLength(choices) };
    });
  }

  /**
   * @param end behind the row's line break
   * @param into gets the features' values, a choice as its index, and then those of the columns outside of them
   * @returns whether the row is good, and its text can be passed on as it is
   */
  read(bytes: Uint8Array, from: number, end: number, into: Float64Array): boolean {
    if (bytes[end - 1] !== LF || end - from > MAX_RECORD_CHARS) return false;
    const columns = this.#columns;
    const last = columns.length - 1;
    let start = from;
    for (let i = 0; i <= last; i++) {
      const column = columns[i];
      if (column.kind === 'other') {
        if (!this.#passes(bytes, start)) return false;
      } else {
        const isChoice = column.kind === 'choice';
        const value = isChoice ? this.#choice(bytes, start, column.choices) : this.#number(bytes, start);
        if (!(value >= column.min && value <= column.max)) return false;
        if (column.kind === 'integer' && !Number.isSafeInteger(value)) return false;
        into[column.place] = value;
        if (column.again !== NOWHERE) into[column.again] = value;
      }
      const cellEnd = this.#cellEnd;
      if (i === last) {
        this.textEnd = cellEnd;
        return cellEnd === end - 1 || (cellEnd === end - 2 && bytes[cellEnd] === CR);
      }
      if (bytes[cellEnd] !== COMMA) return false;
      start = cellEnd + 1;
    }
    return false;
  }

  /** Goes to the end of a cell. A row ends with a line feed, so the search does too. */
  #toEnd(bytes: Uint8Array, start: number): void {
    let i = start;
    let all = 0;
    let meaning = MEANING[bytes[i]];
    while ((meaning & ENDS_CELL) === 0) {
      all |= meaning;
      meaning = MEANING[bytes[++i]];
    }
    this.#cellEnd = i;
    this.#meaning = all;
  }

  /** Whether a cell that is no input can be passed on as it is. */
  #passes(bytes: Uint8Array, start: number): boolean {
    this.#toEnd(bytes, start);
    if (this.#meaning === 0) return true;
    return (this.#meaning & QUOTES) === 0 && isHarmless(bytes, start, this.#cellEnd);
  }

  /** NaN for what is no number. */
  #number(bytes: Uint8Array, start: number): number {
    let i = start;
    const isNegative = bytes[i] === MINUS;
    if (isNegative || bytes[i] === PLUS) i++;
    const first = i;
    let value = 0;
    let digit = bytes[i] - ZERO;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = bytes[++i] - ZERO;
    }
    let digits = i - first;
    let decimals = 0;
    if (bytes[i] === POINT) {
      const point = i;
      digit = bytes[++i] - ZERO;
      while (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        digit = bytes[++i] - ZERO;
      }
      decimals = i - point - 1;
      digits += decimals;
    }
    if (digits === 0 || digits > EXACT_DIGITS || MEANING[bytes[i]] !== ENDS_CELL)
      return this.#unusualNumber(bytes, start);
    this.#cellEnd = i;
    if (decimals > 0) value /= POWERS_OF_TEN[decimals];
    // Adding 0 turns -0 into 0.
    return isNegative ? 0 - value : value;
  }

  /** With blanks around it, an exponent or many digits. */
  #unusualNumber(bytes: Uint8Array, start: number): number {
    this.#toEnd(bytes, start);
    if ((this.#meaning & QUOTES) !== 0) return Number.NaN;
    const text = textOf(bytes, start, this.#cellEnd).trim();
    return NUMBER_TEXT.test(text) ? Number(text) + 0 : Number.NaN;
  }

  /** NaN for what is no choice. */
  #choice(bytes: Uint8Array, start: number, choices: Column['choices']): number {
    this.#toEnd(bytes, start);
    let from = start;
    let to = this.#cellEnd;
    while (bytes[from] === SPACE && from < to) from++;
    while (to > from && bytes[to - 1] === SPACE) to--;
    const candidates = choices.get(to - from);
    if (candidates === undefined) return Number.NaN;
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i].bytes;
      // Choices of one length are told apart by their ends more often than by their beginnings.
      let at = candidate.length - 1;
      while (at >= 0 && candidate[at] === bytes[from + at]) at--;
      if (at < 0) return candidates[i].index;
    }
    return Number.NaN;
  }
}

/** Those that a cell can hold between blanks, and be passed on as it is. */
function byLength(choices: readonly string[]): Column['choices'] {
  const candidates = choices.flatMap((choice, index) => {
    const cell = ` ${choice} `;
    const passes = choice === choice.trim() && csvCell(choice) === choice && csvCell(cell) === cell;
    return passes ? [{ bytes: new TextEncoder().encode(choice), index }] : [];
  });
  return Map.groupBy(candidates, ({ bytes }) => bytes.length);
}

/** Whether a cell that holds what formulas begin with is none all the same, as csvCell has it. */
function isHarmless(bytes: Uint8Array, start: number, end: number): boolean {
  if (isSimple(bytes, start, end)) {
    if ((MEANING[bytes[start]] & MAY_BE_FORMULA) === 0) return true;
    if (isSignedDecimal(bytes, start, end)) return true;
  }
  const text = textOf(bytes, start, end);
  return csvCell(text) === text;
}

/** Whether a cell is one part for a spreadsheet, and begins with its first byte. */
function isSimple(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte <= SPACE || byte === SEMICOLON || byte === BAR || byte >= 0x80) return false;
  }
  return true;
}

function isSignedDecimal(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== MINUS && bytes[start] !== PLUS) return false;
  let points = 0;
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i];
    if (byte === POINT) points++;
    else if (byte < ZERO || byte > ZERO + 9) return false;
  }
  return points <= 1 && end - start - 1 - points > 0;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const textOf = (bytes: Uint8Array, start: number, end: number) => utf8.decode(bytes.subarray(start, end));
