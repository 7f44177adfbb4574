import { AppError } from '../errors.ts';

/** One record of a CSV. A record with a fault has no fields. */
export interface CsvRecord {
  /** The line it begins on; the file's first is 1. */
  line: number;
  fields: string[];
  /** What is wrong with its form, such as a quote that is never closed. It never repeats what the file holds. */
  fault?: string;
}

export interface CsvOptions {
  /** A longer record is a fault: this bounds memory whatever the file holds. */
  maxRecordChars?: number;
}

const MAX_RECORD_CHARS = 65_536;

const [COMMA, QUOTE, CR, LF] = [44, 34, 13, 10];

/**
 * Where the parser stands. `closing` is after a quote within quotes: the field's end, or the first half of a quoted
 * quote. `broken` skips to the end of the line of a record that has a fault.
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
  /** What is known of the field at hand from earlier pieces. */
  #field = '';
  #fault: string | undefined;
  #chars = 0;
  #line = 1;
  #recordLine = 1;

  constructor({ maxRecordChars = MAX_RECORD_CHARS }: CsvOptions = {}) {
    this.#maxRecordChars = maxRecordChars;
  }

  /** The line that is being read. */
  get line(): number {
    return this.#line;
  }

  /** @returns the records that end in this piece */
  push(text: string): CsvRecord[] {
    const records: CsvRecord[] = [];
    // Of the field at hand, text[from..i] is not in #field yet.
    let from = 0;
    const take = (end: number) => {
      if (end > from) this.#field += text.slice(from, end);
      from = end + 1;
    };
    for (let i = 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (++this.#chars > this.#maxRecordChars && this.#state !== 'broken') {
        this.#break(`is longer than ${this.#maxRecordChars} characters, or a quote is never closed`);
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
            this.#break('has a quote inside a field that does not begin with one');
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
            this.#break('has text between a closing quote and the next comma');
          }
          break;
        case 'return':
          if (char === LF) this.#endRecord(records);
          else this.#break('has a carriage return in the middle; lines end with LF or CRLF');
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
    if (this.#state === 'quoted') this.#break('has a quote that is never closed');
    if (this.#state === 'return') this.#break('ends with a carriage return; lines end with LF or CRLF');
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

  #break(fault: string): void {
    this.#fault = fault;
    this.#state = 'broken';
    this.#fields = [];
    this.#field = '';
  }

  #endRecord(records: CsvRecord[]): void {
    const fields = this.#fields;
    const isBlank = fields.length === 1 && fields[0] === '';
    if (this.#fault !== undefined) records.push({ line: this.#recordLine, fields, fault: this.#fault });
    else if (!isBlank) records.push({ line: this.#recordLine, fields });
    this.#fields = [];
    this.#fault = undefined;
    this.#state = 'start';
    this.#chars = 0;
    this.#recordLine = ++this.#line;
  }
}

/**
 * Reads a CSV from its bytes, in UTF-8 with or without a byte order mark.
 *
 * @returns batches of records, as they come
 * @throws AppError `invalid` when the bytes are not UTF-8
 */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  options?: CsvOptions,
): AsyncGenerator<CsvRecord[], void, void> {
  const parser = new CsvParser(options);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      // Read again, as far as it can be, to name the line.
      parser.push(new TextDecoder().decode(bytes).split('\uFFFD', 1)[0]);
      throw new AppError(
        'invalid',
        `Cannot read the CSV: line ${parser.line} is not UTF-8; save the file as 'CSV UTF-8'.`,
        { cause },
      );
    }
  };
  for await (const chunk of source) {
    const records = parser.push(decode(chunk));
    if (records.length > 0) yield records;
  }
  const records = [...parser.push(decode()), ...parser.end()];
  if (records.length > 0) yield records;
}
