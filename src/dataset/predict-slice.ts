import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { ChunkScorer } from './bytes/chunk-scorer.ts';
import { type CsvChunk, RecordSplitter } from './bytes/record-splitter.ts';
import type { CsvPosition } from './csv.ts';
import { type PredictHooks, report } from './predict-csv.ts';

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

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

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
  let { headerFrom, headerTo } = position;
  const headerBytes = headerTo - headerFrom;
  const score = (header: CsvChunk | undefined) =>
    new ChunkScorer(header, model, { keepBadRows: true, counts: true });
  let scorer = headerBytes > 0 ? score(knownHeader(bytes.subarray(0, headerBytes), headerFrom)) : undefined;
  const splitter = new RecordSplitter({ maxRows, from: position, columns: scorer?.columns });
  let csv = '';
  for (const chunk of chunksOf(splitter, bytes.subarray(headerBytes), isLast)) {
    if (scorer === undefined) {
      scorer = score(chunk);
      csv += utf8.decode(scorer.header);
      headerTo = splitter.position.at;
      headerFrom = headerTo - lastRecord(chunk).length;
      continue;
    }
    const scored = scorer.score(chunk);
    report(scored, hooks);
    csv += utf8.decode(scored.csv);
    if (csv.length >= ENOUGH_CHARS) break;
    // Others get their turn.
    await nextTurn();
  }
  // Throws the error of an empty file; before its end all lines may be blank, or the first has not ended.
  if (scorer === undefined && isLast) score(undefined);
  return { next: { ...splitter.position, headerFrom, headerTo }, csv };
}

function* chunksOf(splitter: RecordSplitter, bytes: Uint8Array, isLast: boolean): Generator<CsvChunk> {
  yield* splitter.push(bytes);
  if (isLast) yield* splitter.end();
}

function knownHeader(bytes: Uint8Array, at: number): CsvChunk {
  const splitter = new RecordSplitter({ from: { at, line: 1, skipping: false } });
  const [header, ...more] = splitter.push(bytes);
  if (header !== undefined && more.length === 0) return header;
  throw new AppError('invalid', 'Cannot read the slice: it does not begin with the header of its file.');
}

function lastRecord({ bytes, ends }: CsvChunk): Uint8Array {
  return bytes.subarray(ends.at(-2) ?? 0);
}
