import { AppError } from '../errors.ts';
import { CsvReader } from './csv-reader.ts';
import { joined } from './utf8.ts';

/** A CSV that can be read as often as it is asked for. */
export interface CsvFile {
  /** For messages; printable. */
  name: string;
  /** @throws AppError while reading */
  csv(): AsyncIterable<Uint8Array>;
}

/** Where a row is, for whoever has to correct it. */
export interface Place {
  name: string;
  line: number;
}

const [LF, QUOTE] = [10, 34];
/** As many as a record may have. */
const MAX_HEADER_BYTES = 65_536;

/**
 * Several CSV files with the same columns as one: the first one's header, then the rows of all of them. A file whose quotes
 * do not come in pairs is refused, since it could swallow rows of the next.
 */
export class JoinedCsv {
  readonly #files: readonly CsvFile[];
  /** By file that has been read: the joined lines before its own rows, and how many lines its header has. */
  #parts: { name: string; before: number; headerLines: number }[] = [];

  constructor(files: readonly CsvFile[]) {
    this.#files = files;
  }

  /** @throws AppError `invalid` that names a file with other columns, or without an end; what the files throw */
  async *read(): AsyncGenerator<Uint8Array> {
    this.#parts = [];
    let columns: string[] | undefined;
    let lines = 0;
    for (const { name, csv } of this.#files) {
      const isFirst = columns === undefined;
      let opening: Uint8Array | undefined = new Uint8Array();
      let quotes = 0;
      let last = LF;
      for await (const chunk of withEnd(csv())) {
        let bytes = chunk ?? new Uint8Array();
        if (opening !== undefined) {
          opening = joined(opening, bytes);
          const end: number | undefined = chunk === undefined ? opening.length : headerEnd(opening);
          if (end === undefined) {
            if (opening.length <= MAX_HEADER_BYTES) continue;
            throw unreadable(name, `its header does not end within ${MAX_HEADER_BYTES} bytes`);
          }
          const header: Uint8Array = opening.subarray(0, end);
          const found = columnsOf(header);
          columns ??= found;
          if (found.join('\0') !== columns.join('\0'))
            throw unreadable(name, `its columns are not those of ${this.#files[0]?.name}, in the same order`);
          const headerLines = Math.max(1, count(header, LF));
          if (isFirst) {
            yield header;
            if (header.at(-1) !== LF) yield Uint8Array.of(LF);
            lines += headerLines;
          }
          this.#parts.push({ name, before: lines, headerLines });
          bytes = opening.subarray(end);
          opening = undefined;
        }
        if (bytes.length === 0) continue;
        yield bytes;
        lines += count(bytes, LF);
        quotes += count(bytes, QUOTE);
        last = bytes.at(-1) ?? last;
      }
      if (quotes % 2 === 1) throw unreadable(name, 'its quotation marks do not come in pairs');
      if (last !== LF) {
        yield Uint8Array.of(LF);
        lines++;
      }
    }
  }

  /** The file and its own line, of a line of what has been read. */
  locate(line: number): Place {
    const part = this.#parts.findLast(({ before }) => before < line) ?? this.#parts[0];
    if (part === undefined) return { name: '', line };
    return { name: part.name, line: line - part.before + part.headerLines };
  }
}

/** The chunks, and `undefined` behind the last. */
async function* withEnd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array | undefined> {
  yield* source;
  yield undefined;
}

/** Behind the line break that ends the first record; undefined where it has not come yet. */
function headerEnd(bytes: Uint8Array): number | undefined {
  let isQuoted = false;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) isQuoted = !isQuoted;
    else if (bytes[at] === LF && !isQuoted) return at + 1;
  }
  return undefined;
}

function columnsOf(header: Uint8Array): string[] {
  const reader = new CsvReader();
  const [record] = [...reader.push(header), ...reader.end()];
  return (record?.fields ?? []).map((field) => field.trim());
}

function count(bytes: Uint8Array, byte: number): number {
  let found = 0;
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) found++;
  return found;
}

const unreadable = (name: string, why: string) =>
  new AppError(
    'invalid',
    `Cannot read ${name} with the files before it: ${why}. Correct it, or leave it out.`,
  );
