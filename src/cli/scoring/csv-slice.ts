import { CsvReader } from '../../dataset/csv-reader.ts';
import { seekHeader } from '../../dataset/predict-slice.ts';
import { recordStart } from '../../dataset/record-start.ts';
import { bytesOf, type DataFile, type Location } from '../../store/location.ts';

/** Enough for most headers, and for the longest record with the line in which it ends: one request. */
const FIRST_BYTES = 262_144;
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
 * The records that begin in a range of a file, its header apart, which is the first range's.
 *
 * @returns undefined when there are none
 */
export async function openCsvSlice(
  location: Location,
  file: DataFile,
  from: number,
  to: number,
): Promise<CsvSlice | undefined> {
  const header = await readHeader(location, file);
  const cut = async (at: number) => Math.max(header.end, await recordStartFrom(location, file, at));
  const start = from === 0 ? 0 : await cut(from);
  const end = to === file.size ? to : await cut(to);
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

async function recordStartFrom(location: Location, file: DataFile, at: number): Promise<number> {
  return at + (await recordStart(sparingly(location, file, at)));
}

/** From a place on, of which little is wanted as a rule. */
async function* sparingly(location: Location, file: DataFile, at: number): AsyncGenerator<Uint8Array> {
  const rest = Math.min(at + FIRST_BYTES, file.size);
  yield await location.readRange(file, at, rest);
  yield* bytesOf(location, file, rest);
}

/** Where the header ends, and all up to there; the file's end when it has none that can be found. */
async function readHeader(location: Location, file: DataFile): Promise<{ bytes: Uint8Array; end: number }> {
  for (const most of [FIRST_BYTES, HEADER_BYTES]) {
    const bytes = await location.readRange(file, 0, Math.min(most, file.size));
    const { header, to } = seekHeader(new CsvReader(), bytes);
    if (header !== undefined) return { bytes: bytes.subarray(0, to), end: to };
    if (bytes.length === file.size) return { bytes, end: file.size };
  }
  return { bytes: new Uint8Array(), end: file.size };
}
