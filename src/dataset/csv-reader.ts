import { AppError } from '../errors.ts';
import { CsvParser, type CsvRecord } from './csv.ts';
import { otherEncoding } from './other-format.ts';
import { joined, NotUtf8Error, Utf8Decoder } from './utf8.ts';

const BOM = '\uFEFF';
/** Enough for the first line of any table that people keep. */
const OPENING_BYTES = 4_096;
/** A source may give a megabyte at once; the records of one piece take many times what its bytes do. */
const PIECE_BYTES = 65_536;

/** CSV by its bytes, in UTF-8, piece by piece. A byte order mark at the beginning of the file is passed over. */
export class CsvReader {
  readonly #decoder = new Utf8Decoder();
  readonly #parser = new CsvParser();
  #opening: Uint8Array = new Uint8Array();
  #mayHaveBom = true;
  #isFirst = true;

  /**
   * @returns the records that end in this piece, or whose fault is found in it
   * @throws AppError `invalid` when the bytes are not UTF-8
   */
  push(bytes: Uint8Array): CsvRecord[] {
    const room = OPENING_BYTES - this.#opening.length;
    if (this.#isFirst && room > 0) this.#opening = joined(this.#opening, bytes.subarray(0, room));
    let text = this.#decoded(() => this.#decoder.push(bytes));
    if (this.#mayHaveBom && text !== '') {
      if (text.startsWith(BOM)) text = text.slice(1);
      this.#mayHaveBom = false;
    }
    return this.#told(this.#parser.push(text));
  }

  /** @returns the last record, if the bytes did not end with a line break */
  end(): CsvRecord[] {
    this.#decoded(() => this.#decoder.end());
    return this.#told(this.#parser.end());
  }

  #decoded<T>(decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof NotUtf8Error)) throw error;
      this.#parser.push(error.before);
      const fault = `line ${this.#parser.line} is not UTF-8; save the file as 'CSV UTF-8'`;
      throw new AppError('invalid', `Cannot read the CSV: ${otherEncoding(this.#opening) ?? fault}.`, {
        cause: error,
      });
    }
  }

  #told(records: CsvRecord[]): CsvRecord[] {
    if (this.#isFirst && records.length > 0) {
      records[0].opening = this.#opening;
      this.#isFirst = false;
    }
    return records;
  }
}

/**
 * Reads a CSV from its bytes as they come.
 *
 * @returns batches of records
 * @throws AppError `invalid` when the bytes are not UTF-8
 */
export async function* readCsv(source: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord[], void, void> {
  const reader = new CsvReader();
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const records = reader.push(bytes.subarray(at, at + PIECE_BYTES));
      if (records.length > 0) yield records;
    }
  }
  const records = reader.end();
  if (records.length > 0) yield records;
}
