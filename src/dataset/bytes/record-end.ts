import { MAX_RECORD_CHARS } from '../csv.ts';

const [COMMA, QUOTE, CR, LF] = [44, 34, 13, 10];

/** As in CsvParser, which reads the same states off the text. */
type State = 'start' | 'bare' | 'quoted' | 'closing' | 'return' | 'broken';

/**
 * Finds where one record of a CSV ends, by its bytes, which come in pieces: behind a line feed, unless that is within
 * quotes. Where CsvParser finds a fault and passes over the rest of the line, so does this.
 */
export class RecordEnd {
  #state: State = 'start';
  /** How many bytes were looked at. */
  #at = 0;
  #lines = 0;
  #brokenAt = -1;
  /** UTF-16 units, as CsvParser counts them, in the first `#countedTo` bytes. */
  #chars = 0;
  #countedTo = 0;
  /** Before this byte the record is not too long: no byte is more than one unit. */
  #lengthCheckAt = MAX_RECORD_CHARS;

  /** Begins with another record. */
  begin(): void {
    this.#state = 'start';
    this.#at = 0;
    this.#lines = 0;
    this.#brokenAt = -1;
    this.#chars = 0;
    this.#countedTo = 0;
    this.#lengthCheckAt = MAX_RECORD_CHARS;
  }

  get hasBegun(): boolean {
    return this.#at > 0;
  }

  /** Line feeds in what was looked at. */
  get lines(): number {
    return this.#lines;
  }

  /** The byte that shows that the record's form is wrong; -1 while none does. */
  get brokenAt(): number {
    return this.#brokenAt;
  }

  /**
   * @param bytes from the record's beginning on, as far as they have come
   * @returns how long the record is, with the line feed; -1 when it goes on
   */
  find(bytes: Uint8Array): number {
    let state = this.#state;
    for (let i = this.#at; i < bytes.length; i++) {
      const byte = bytes[i];
      if (i >= this.#lengthCheckAt && state !== 'broken' && this.#isTooLong(bytes, i)) state = this.#break(i);
      if (byte === LF) {
        this.#lines++;
        if (state !== 'quoted') return i + 1;
        continue;
      }
      switch (state) {
        case 'start':
          state = byte === QUOTE ? 'quoted' : byte === CR ? 'return' : byte === COMMA ? 'start' : 'bare';
          break;
        case 'bare':
          if (byte === COMMA) state = 'start';
          else if (byte === CR) state = 'return';
          else if (byte === QUOTE) state = this.#break(i);
          break;
        case 'quoted':
          if (byte === QUOTE) state = 'closing';
          break;
        case 'closing':
          if (byte === QUOTE) state = 'quoted';
          else if (byte === COMMA) state = 'start';
          else if (byte === CR) state = 'return';
          else state = this.#break(i);
          break;
        case 'return':
          state = this.#break(i);
          break;
      }
    }
    this.#state = state;
    this.#at = bytes.length;
    return -1;
  }

  #break(at: number): State {
    this.#brokenAt = at;
    return 'broken';
  }

  /** Whether the record is too long with the byte at `last`. */
  #isTooLong(bytes: Uint8Array, last: number): boolean {
    for (let i = this.#countedTo; i <= last; i++) {
      const continues = (bytes[i] & 0xc0) === 0x80;
      // A character of four bytes is two units; the second is counted with the second byte.
      if (!continues || bytes[i - 1] >= 0xf0) this.#chars++;
    }
    this.#countedTo = last + 1;
    this.#lengthCheckAt = last + 1 + MAX_RECORD_CHARS - this.#chars;
    return this.#chars > MAX_RECORD_CHARS;
  }
}
