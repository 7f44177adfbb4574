import { RecordSplitter } from '../../dataset/bytes/record-splitter.ts';
import { recordStart } from '../../dataset/record-start.ts';
import { bytesOf, type DataFile, type Location } from '../../store/location.ts';

/** Enough for most headers, and to find where most records begin: one request. */
const FIRST_BYTES = 131_072;
/** How far a record's beginning is looked for: most are found within the longest record, of as many characters as follow. */
const SEEK_BYTES = 524_288;
/** What is searched for a header that has blank lines before it. */
const HEADER_BYTES = 8_388_608;

/** Records of a CSV that lie together, as a CSV of their own. */
export interface CsvSlice {
  /** Begins with the file's header. */
  bytes: AsyncIterable<Uint8Array>;
  /** Where in the file the records begin; 0: with the header itself. */
  offset: number;
  /** How many lines stand before the records, and not in the file at that place. */
  linesBefore: number;
}

/**
 * The records that begin in a range of a file. Its header belongs to the first range.
 *
 * @param cuts where the file is to be cut into ranges, ascending; `from` and `to` are 0, the file's size, or among them.
 * At one where no record certainly begins the file is not cut, and its range is part of the one before.
 * @returns undefined when there are none
 */
export async function openCsvSlice(
  location: Location,
  file: DataFile,
  { from, to }: { from: number; to: number },
  cuts: () => readonly number[],
): Promise<CsvSlice | undefined> {
  if (from === 0 && to === file.size) return { bytes: bytesOf(location, file), offset: 0, linesBefore: 0 };
  const header = await readHeader(location, file);
  const startAt = async (cut: number) => {
    for (const at of cuts().filter((other) => other >= cut)) {
      const start = await recordStart(upTo(location, file, at, Math.min(at + SEEK_BYTES, file.size)));
      if (start !== undefined) return Math.max(header.end, at + start);
    }
    return file.size;
  };
  const start = from === 0 ? 0 : await startAt(from);
  const end = to === file.size ? to : await startAt(to);
  if (start === end) return undefined;
  const rows = bytesOf(location, file, start, end);
  if (start === 0) return { bytes: rows, offset: 0, linesBefore: 0 };
  const linesBefore = header.bytes.reduce((count, byte) => (byte === LF ? count + 1 : count), 0);
  return { bytes: behind(header.bytes, rows), offset: start, linesBefore };
}

const LF = 10;

async function* behind(header: Uint8Array, rows: AsyncIterable<Uint8Array>) {
  yield header;
  yield* rows;
}

/** Of a range of which the first part is mostly enough. */
async function* upTo(
  location: Location,
  file: DataFile,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += FIRST_BYTES)
    yield await location.readRange(file, at, Math.min(at + FIRST_BYTES, to));
}

/** Where the header ends, and all up to there; the file's end when it has none that can be found. */
async function readHeader(location: Location, file: DataFile): Promise<{ bytes: Uint8Array; end: number }> {
  for (const most of [FIRST_BYTES, HEADER_BYTES]) {
    const bytes = await location.readRange(file, 0, Math.min(most, file.size));
    const splitter = new RecordSplitter();
    // The header is the first chunk, and the splitter stands behind it.
    const { done } = splitter.push(bytes).next();
    const end = splitter.position.at;
    if (!done) return { bytes: bytes.subarray(0, end), end };
    if (bytes.length === file.size) return { bytes, end: file.size };
  }
  return { bytes: new Uint8Array(), end: file.size };
}
