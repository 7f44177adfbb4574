import { AppError } from '../../errors.ts';
import { counted } from '../../model/counted.ts';
import { CsvParser, type CsvPosition, type CsvRecord } from '../csv.ts';
import { otherEncoding } from '../other-format.ts';
import { joined, NotUtf8Error, Utf8Decoder } from '../utf8.ts';
import { RecordEnd } from './record-end.ts';

const [QUOTE, CR, LF, X] = [34, 13, 10, 120];
const BOM = [0xef, 0xbb, 0xbf];

/** Enough for the first line of any table that people keep. */
const OPENING_BYTES = 4_096;
/** So many bytes are looked at together at most. */
const PIECE_BYTES = 262_144;
/** Rows of one chunk at most. */
const CHUNK_ROWS = 4_096;
/** Records of one chunk at most, blank lines among them: a file of nothing else takes no more memory than another. */
const CHUNK_RECORDS = 2 * CHUNK_ROWS;
/** What the rows of a chunk may become, about: a bad row of one character becomes as many cells as the header has. */
const CHUNK_CELLS = 1_048_576;

/** Whole records of a CSV, in UTF-8: all that a thread needs to read them. */
export interface CsvChunk {
  /** In memory of their own, so that they can be transferred. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The line that they begin on; the file's first is 1. */
  line: number;
  /** Where each record ends, behind its line break; blank lines are among them. */
  ends: Int32Array<ArrayBuffer>;
  /** How many of the records are no blank lines. */
  rows: number;
  /** How the file begins, on the header's chunk alone: says what the file is when it is no such CSV. */
  opening?: Uint8Array;
}

export interface SplitOptions {
  /** The most rows, good and bad together. */
  maxRows?: number | undefined;
  /** Where in the file the bytes begin; its beginning where this is left out. */
  from?: (CsvPosition & { at: number }) | undefined;
  /** How many columns the header has, when it does not come first. */
  columns?: number | undefined;
}

/**
 * Cuts a CSV into chunks of whole records as it comes, at a small part of what reading them takes. The header is a chunk
 * of its own, the first. A record that has no end, or that shows its fault before it has ended, is cut short: it still
 * reads as the same fault, and the rest of its line is passed over.
 */
export class RecordSplitter {
  readonly #decoder = new Utf8Decoder();
  readonly #maxRows: number;
  #opening: Uint8Array = new Uint8Array();
  #bytes = new Uint8Array(2 * PIECE_BYTES);
  /** Which of `#bytes` are in no chunk yet. */
  #from = 0;
  #to = 0;
  /** Where in the file these begin, and on which line. */
  #at: number;
  #line: number;
  #mayHaveBom: boolean;
  /** Whether the bytes belong to a record whose fault is known. */
  #skipping: boolean;
  /** Rows of one chunk at most; undefined until the header is found. */
  #chunkRows: number | undefined;
  #rows = 0;
  readonly #end = new RecordEnd();

  constructor({ maxRows = Number.POSITIVE_INFINITY, from, columns }: SplitOptions = {}) {
    this.#maxRows = maxRows;
    this.#at = from?.at ?? 0;
    this.#line = from?.line ?? 1;
    this.#skipping = from?.skipping ?? false;
    this.#mayHaveBom = this.#at === 0;
    if (columns !== undefined) this.#chunkRows = rowsOfChunk(columns);
  }

  /** Behind the last chunk: where another splitter can go on. */
  get position(): CsvPosition & { at: number } {
    // What is passed over may end within a character.
    const at = this.#at - (this.#skipping ? this.#decoder.waitingBytes : 0);
    return { at, line: this.#line, skipping: this.#skipping };
  }

  /**
   * @returns the records that end in this piece, or whose fault is found in it
   * @throws AppError `invalid` when the bytes are not UTF-8, `too_large` when there are more rows than `maxRows`, having
   * given so many
   */
  *push(bytes: Uint8Array): Generator<CsvChunk, void, void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      const room = OPENING_BYTES - this.#opening.length;
      if (this.#chunkRows === undefined && room > 0)
        this.#opening = joined(this.#opening, piece.subarray(0, room));
      this.#check(() => this.#decoder.push(piece));
      this.#append(piece);
      yield* this.#chunks(false);
    }
  }

  /** @returns the last record, if the bytes did not end with a line break */
  *end(): Generator<CsvChunk, void, void> {
    this.#check(() => this.#decoder.end());
    yield* this.#chunks(true);
  }

  #check(decode: () => unknown): void {
    try {
      decode();
    } catch (error) {
      if (!(error instanceof NotUtf8Error)) throw error;
      const line = this.#line + lineFeedsIn(this.#waiting) + error.before.split('\n').length - 1;
      const fault = `line ${line} is not UTF-8; save the file as 'CSV UTF-8'`;
      throw new AppError('invalid', `Cannot read the CSV: ${otherEncoding(this.#opening) ?? fault}.`, {
        cause: error,
      });
    }
  }

  get #waiting(): Uint8Array {
    return this.#bytes.subarray(this.#from, this.#to);
  }

  #append(piece: Uint8Array): void {
    const waiting = this.#waiting;
    const length = waiting.length + piece.length;
    if (length > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * length);
      this.#bytes.set(waiting);
    } else {
      this.#bytes.copyWithin(0, this.#from, this.#to);
    }
    this.#bytes.set(piece, waiting.length);
    this.#from = 0;
    this.#to = length;
  }

  *#chunks(isLast: boolean): Generator<CsvChunk, void, void> {
    if (this.#mayHaveBom) this.#passBom(isLast);
    if (this.#skipping) this.#passLine();
    while (!this.#mayHaveBom && !this.#skipping) {
      if (!this.#end.hasBegun) this.#passBlankLines();
      const left = this.#chunkRows === undefined ? 1 : this.#maxRows - this.#rows;
      const chunk = this.#next(isLast, Math.max(1, Math.min(this.#chunkRows ?? 1, left)));
      if (chunk === undefined) return;
      if (chunk.rows > left) throw tooManyRows(this.#maxRows);
      if (chunk.rows === 0) continue;
      if (this.#chunkRows === undefined) {
        chunk.opening = this.#opening;
        this.#chunkRows = rowsOfChunk(headerOf(chunk)?.fields.length ?? 0);
      } else {
        this.#rows += chunk.rows;
      }
      yield chunk;
    }
  }

  /** A byte order mark at the beginning of the file is passed over. */
  #passBom(isLast: boolean): void {
    const waiting = this.#waiting;
    const isCut = waiting.length < BOM.length && !isLast;
    if (isCut && waiting.every((byte, i) => byte === BOM[i])) return;
    this.#mayHaveBom = false;
    if (BOM.every((byte, i) => byte === waiting[i])) this.#advance(BOM.length);
  }

  /** Passes over what is left of a line whose fault is known. */
  #passLine(): void {
    const waiting = this.#waiting;
    const end = waiting.indexOf(LF) + 1;
    this.#skipping = end === 0;
    this.#advance(this.#skipping ? waiting.length : end, this.#skipping ? 0 : 1);
  }

  /** Passes over blank lines before a record, of which nobody needs to know. */
  #passBlankLines(): void {
    const waiting = this.#waiting;
    let [to, lines] = [0, 0];
    for (;;) {
      const end = waiting[to] === CR ? to + 1 : to;
      if (waiting[end] !== LF) break;
      to = end + 1;
      lines++;
    }
    this.#advance(to, lines);
  }

  #advance(bytes: number, lines = 0): void {
    this.#from += bytes;
    this.#at += bytes;
    this.#line += lines;
  }

  /** @returns up to `most` rows, with blank lines between them; undefined when no record has ended */
  #next(isLast: boolean, most: number): CsvChunk | undefined {
    const waiting = this.#waiting;
    const ends: number[] = [];
    let [rows, lines, from, quote] = [0, 0, 0, -1];
    let brokenAt = -1;
    while (from < waiting.length && rows < most && ends.length < CHUNK_RECORDS && brokenAt < 0) {
      if (quote < from) quote = placeOf(QUOTE, waiting, from);
      let end = this.#end.hasBegun ? 0 : waiting.indexOf(LF, from) + 1;
      if (end > 0 && end <= quote) {
        // Nearly all records: their first line feed is their end.
        lines++;
      } else {
        const length = this.#end.find(waiting.subarray(from));
        if (length < 0 && !isLast) {
          if (this.#end.brokenAt < 0) break;
          brokenAt = from + this.#end.brokenAt;
        }
        end = length < 0 ? waiting.length : from + length;
        lines += this.#end.lines;
        this.#end.begin();
      }
      if (!isBlank(waiting, from, end)) rows++;
      ends.push(end);
      from = end;
    }
    if (from === 0) return undefined;
    const bytes = brokenAt < 0 ? waiting.slice(0, from) : cutShort(waiting, brokenAt);
    ends[ends.length - 1] = bytes.length;
    const chunk = { bytes, line: this.#line, ends: new Int32Array(ends), rows };
    this.#advance(from, lines);
    this.#skipping = brokenAt >= 0;
    return chunk;
  }
}

/** Reads the first record of a chunk as it is read everywhere; undefined when there is none. */
export function headerOf({ bytes, line, opening }: CsvChunk): CsvRecord | undefined {
  const header = readRecord(bytes, line);
  return header && { ...header, ...(opening && { opening }) };
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads a whole record from its bytes; undefined when it is a blank line. */
export function readRecord(bytes: Uint8Array, line: number): CsvRecord | undefined {
  const parser = new CsvParser({ line });
  const [record] = parser.push(utf8.decode(bytes));
  return record ?? parser.end()[0];
}

const rowsOfChunk = (columns: number) =>
  Math.max(1, Math.min(CHUNK_ROWS, Math.floor(CHUNK_CELLS / Math.max(1, columns))));

function placeOf(byte: number, bytes: Uint8Array, from: number): number {
  const place = bytes.indexOf(byte, from);
  return place < 0 ? Number.POSITIVE_INFINITY : place;
}

/** As CsvParser has it: of one field, which is empty. */
function isBlank(bytes: Uint8Array, from: number, end: number): boolean {
  let to = end;
  if (bytes[to - 1] === LF) to -= bytes[to - 2] === CR && to - 2 >= from ? 2 : 1;
  return to === from || (to === from + 2 && bytes[from] === QUOTE && bytes[from + 1] === QUOTE);
}

/** The bytes up to the one that shows a record's fault, as a record that ends. */
function cutShort(bytes: Uint8Array, at: number): Uint8Array<ArrayBuffer> {
  // In place of a character of several bytes, of which some may not have come yet, any other shows the fault.
  let to = at;
  while ((bytes[to] & 0xc0) === 0x80) to--;
  const last = bytes[to] < 0x80 ? bytes[to] : X;
  const record = new Uint8Array(to + 2);
  record.set(bytes.subarray(0, to));
  record[to] = last;
  record[to + 1] = LF;
  return record;
}

export function lineFeedsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

const tooManyRows = (maxRows: number) =>
  new AppError('too_large', `Cannot predict the CSV: it has more than ${counted(maxRows, 'row')}; split it.`);
