/** One record of a CSV. A record with a fault has no fields. */
export interface CsvRecord {
  /** The line it begins on; the file's first is 1. */
  line: number;
  fields: string[];
  /** What is wrong with its form, such as a quote that is never closed. It never repeats what the file holds. */
  fault?: string;
  /** How the file begins, on its first record alone: says what it is when it is no such CSV. */
  opening?: Uint8Array;
}

/** Where in a file a parser's text begins. */
export interface CsvPosition {
  line: number;
  /** Whether it begins within a record whose fault is known: what is left of its line is passed over. */
  skipping: boolean;
}

export interface CsvOptions {
  /** The line that the text begins on; 1 without it. */
  line?: number;
  /** A longer record is a fault: this bounds memory whatever the file holds. */
  maxRecordChars?: number;
}

export const MAX_RECORD_CHARS = 65_536;

const [COMMA, QUOTE, CR, LF] = [44, 34, 13, 10];

/**
 * Where the parser stands. `closing` is after a quote within quotes: the field's end, or the first half of a quoted
 * quote. `broken` skips to the end of the line of a record whose fault has been reported.
 */
type State = 'start' | 'bare' | 'quoted' | 'closing' | 'return' | 'broken';

/**
 * CSV by RFC 4180, read piece by piece: fields by commas, records by LF or CRLF, quotes around fields that hold
 * either, doubled within. Nothing is guessed: what is not of that form is a fault of its record, and reading goes on
 * at the next line. Blank lines are skipped.
 */
export class CsvParser {
  readonly #maxRecordChars: number;
  #state: State = 'start';
  #fields: string[] = [];
  /** The part of the current field that earlier pieces held. */
  #field = '';
  #chars = 0;
  #line: number;
  #recordLine: number;

  constructor({ maxRecordChars = MAX_RECORD_CHARS, line = 1 }: CsvOptions = {}) {
    this.#maxRecordChars = maxRecordChars;
    this.#line = line;
    this.#recordLine = line;
  }

  /** The line that is being read. */
  get line(): number {
    return this.#line;
  }

  /** @returns the records that end in this piece, or whose fault is found in it */
  push(text: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    // What #field lacks of the current field is text[from..i].
    let from = 0;
    const take = (end: number) => {
      if (end > from) this.#field += text.slice(from, end);
      from = end + 1;
    };
    for (let i = 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (++this.#chars > this.#maxRecordChars && this.#state !== 'broken') {
        this.#break(`is longer than ${this.#maxRecordChars} characters, or a quote is never closed`, records);
      }
      if (this.#state === 'start') {
        this.#state = char === QUOTE ? 'quoted' : 'bare';
        from = char === QUOTE ? i + 1 : i;
        if (char === QUOTE) continue;
      }
      switch (this.#state) {
        case 'bare':
          if (char === COMMA || char === LF || char === CR) {
            take(i);
            this.#separate(char, records);
          } else if (char === QUOTE) {
            this.#break('has a quote inside a field that does not begin with one', records);
          }
          break;
        case 'quoted':
          if (char === LF) this.#line++;
          if (char === QUOTE) {
            take(i);
            this.#state = 'closing';
          }
          break;
        case 'closing':
          from = i + 1;
          if (char === QUOTE) {
            this.#field += '"';
            this.#state = 'quoted';
          } else if (char === COMMA || char === LF || char === CR) {
            this.#separate(char, records);
          } else {
            this.#break('has text between a closing quote and the next comma', records);
          }
          break;
        case 'return':
          if (char === LF) this.#endRecord(records);
          else this.#break('has a carriage return in the middle; lines end with LF or CRLF', records);
          break;
        case 'broken':
          if (char === LF) this.#endRecord(records);
          break;
      }
    }
    if (this.#state === 'bare' || this.#state === 'quoted') take(text.length);
    return records;
  }

  /** @returns the last record, if the text did not end with a line break */
  end(): CsvRecord[] {
    const records: CsvRecord[] = [];
    if (this.#chars === 0) return records;
    if (this.#state === 'quoted') this.#break('has a quote that is never closed', records);
    if (this.#state === 'return')
      this.#break('ends with a carriage return; lines end with LF or CRLF', records);
    if (this.#state !== 'broken') this.#endField();
    this.#endRecord(records);
    return records;
  }

  #separate(char: number, records: CsvRecord[]): void {
    this.#endField();
    if (char === COMMA) this.#state = 'start';
    else if (char === CR) this.#state = 'return';
    else this.#endRecord(records);
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = '';
  }

  #break(fault: string, records: CsvRecord[]): void {
    records.push({ line: this.#recordLine, fields: [], fault });
    this.#state = 'broken';
    this.#fields = [];
    this.#field = '';
  }

  #endRecord(records: CsvRecord[]): void {
    const fields = this.#fields;
    const isBlank = fields.length === 1 && fields[0] === '';
    if (this.#state !== 'broken' && !isBlank) records.push({ line: this.#recordLine, fields });
    this.#fields = [];
    this.#state = 'start';
    this.#chars = 0;
    this.#recordLine = ++this.#line;
  }
}
