import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { CsvPosition, CsvRecord } from './csv.ts';
import { CsvReader } from './csv-reader.ts';
import { RowReader } from './row-reader.ts';
import { CsvPredictor, type PredictHooks, tooManyRows } from './csv-predictor.ts';

/** Where a slice of a CSV file begins, in bytes of the file, and where the header is that its rows stand under. */
export interface SlicePosition extends CsvPosition {
  at: number;
  headerFrom: number;
  /** The header's end; the same as `headerFrom` while no header has been found. */
  headerTo: number;
}

export interface Slice {
  position: SlicePosition;
  /** Whether it ends where the file does. */
  isLast: boolean;
  /** The header, and then the file from `position.at` on, to any byte. */
  bytes: Uint8Array;
}

export interface PredictedSlice {
  /** Where the next slice begins: behind the last record that was predicted. */
  next: SlicePosition;
  /** What predicting the whole file gives for this slice; the first with a header gives the header too. */
  csv: string;
}

const LF = 10;

/** A slice ends early when its answer is so long: short rows that are bad, under many columns, become long lines. */
const ENOUGH_CHARS = 2_097_152;

/**
 * Predicts the records that end in a slice. The results of all slices of a file, one behind the other, are what
 * predicting the file in one piece gives, bad rows kept. Whoever sends the slices needs to know nothing of the format.
 *
 * @throws AppError `invalid` when the header does not fit the model, the bytes are not UTF-8, or the position is not
 * one that an earlier result gave; `too_large` when there are more rows than `maxRows`
 */
export async function predictSlice(
  { position, isLast, bytes }: Slice,
  model: Model,
  hooks: PredictHooks,
  maxRows: number,
): Promise<PredictedSlice> {
  const { at, headerFrom, headerTo } = position;
  const isHeaderKnown = headerTo > headerFrom;
  const rest = bytes.subarray(headerTo - headerFrom);
  const reader = new CsvReader(at > 0 ? position : undefined);
  const found = isHeaderKnown ? undefined : seekHeader(reader, rest);
  let read = found?.to ?? 0;
  const header = isHeaderKnown
    ? knownHeader(bytes.subarray(0, headerTo - headerFrom), headerFrom)
    : found!.header;
  // So far all lines are blank, or the first has not ended.
  if (header === undefined && !isLast)
    return { next: { ...position, ...whereNext(reader, rest, at) }, csv: '' };

  const predictor = new CsvPredictor(
    new RowReader(header ?? reader.end()[0], model.inputs),
    model,
    hooks,
    true,
  );
  // No row is shorter than two bytes.
  const bytesPerPiece = 2 * predictor.rowsPerBatch;
  let csv = isHeaderKnown ? '' : predictor.header;
  let waiting: CsvRecord[] = [];
  let rows = 0;
  const predict = () => {
    rows += waiting.length;
    if (rows > maxRows) throw tooManyRows(maxRows);
    csv += predictor.predict(waiting);
    waiting = [];
  };
  while (read < rest.length && csv.length < ENOUGH_CHARS) {
    const piece = rest.subarray(read, read + bytesPerPiece);
    waiting.push(...reader.push(piece));
    read += piece.length;
    if (waiting.length < predictor.rowsPerBatch) continue;
    predict();
    // Others get their turn.
    await nextTurn();
  }
  if (isLast && read === rest.length) waiting.push(...reader.end());
  predict();
  const next = { ...position, ...whereNext(reader, rest.subarray(0, read), at) };
  if (found !== undefined) {
    next.headerFrom = at + found.from;
    next.headerTo = at + found.to;
  }
  return { next, csv };
}

/** Reads up to the end of the first record. A record ends with some line, and what stands before it is blank lines. */
export function seekHeader(
  reader: CsvReader,
  bytes: Uint8Array,
): { header?: CsvRecord; from: number; to: number } {
  let [from, to] = [0, 0];
  while (to < bytes.length) {
    if (reader.resumption.charsBack === 0) from = to;
    const lineEnd = bytes.indexOf(LF, to);
    const end = lineEnd < 0 ? bytes.length : lineEnd + 1;
    const [header] = reader.push(bytes.subarray(to, end));
    to = end;
    if (header !== undefined) return { header, from, to };
  }
  return { from, to };
}

function knownHeader(bytes: Uint8Array, at: number): CsvRecord {
  const [header, ...more] = new CsvReader(at > 0 ? { line: 1, skipping: false } : undefined).push(bytes);
  if (header !== undefined && more.length === 0) return header;
  throw new AppError('invalid', 'Cannot read the slice: it does not begin with the header of its file.');
}

function whereNext(reader: CsvReader, rest: Uint8Array, at: number): CsvPosition & { at: number } {
  const { line, skipping, charsBack, bytesBack } = reader.resumption;
  const read = rest.subarray(0, rest.length - bytesBack);
  return { at: at + read.length - bytesOfLast(charsBack, read), line, skipping };
}

/** How many bytes the last so many UTF-16 units of a text take in UTF-8: a character of four bytes is two units. */
function bytesOfLast(chars: number, utf8: Uint8Array): number {
  let at = utf8.length;
  for (let left = chars; left > 0; ) {
    const byte = utf8[--at];
    const begins = (byte & 0xc0) !== 0x80;
    if (begins) left -= byte >= 0xf0 ? 2 : 1;
  }
  return utf8.length - at;
}
