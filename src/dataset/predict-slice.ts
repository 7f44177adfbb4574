import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { type CsvChunk, RecordSplitter } from './bytes/record-splitter.ts';
import type { CsvPosition } from './csv.ts';
import { type PredictHooks, report } from './predict-csv.ts';
import { FileScorer } from './scoring/file-scorer.ts';
import { inOrder } from './scoring/in-order.ts';
import type { ScoringPool } from './scoring/scoring-pool.ts';

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
 * @param pool as of `predictCsv`
 * @throws AppError `invalid` when the header does not fit the model, the bytes are not UTF-8, or the position is not
 * one that an earlier result gave; `too_large` when there are more rows than `maxRows`; `unavailable` when a worker has
 * died
 */
export async function predictSlice(
  { position, isLast, bytes }: Slice,
  model: Model,
  hooks: PredictHooks,
  maxRows: number,
  pool?: ScoringPool,
): Promise<PredictedSlice> {
  let { headerFrom, headerTo } = position;
  const headerBytes = headerTo - headerFrom;
  const file = new FileScorer(model, { keepBadRows: true, counts: true }, pool);
  if (headerBytes > 0) file.begin(knownHeader(bytes.subarray(0, headerBytes), headerFrom));
  const splitter = new RecordSplitter({ maxRows, from: position, columns: file.columns });
  const score = async (chunk: CsvChunk) => {
    // Behind this chunk: the splitter goes on when it is asked for the next.
    const behind = splitter.position;
    if (!file.hasBegun) {
      headerTo = behind.at;
      headerFrom = headerTo - lastRecord(chunk).length;
    }
    return { scored: await file.score(chunk), behind };
  };
  const rows = {
    push: (piece: Uint8Array) => splitter.push(piece),
    end: () => (isLast ? splitter.end() : []),
  };
  let csv = '';
  let next: (CsvPosition & { at: number }) | undefined;
  try {
    const results = inOrder(only(bytes.subarray(headerBytes)), rows, score, () => pool?.chunksAhead ?? 1);
    for await (const { scored, behind } of results) {
      report(scored, hooks);
      csv += utf8.decode(scored.csv);
      if (csv.length >= ENOUGH_CHARS) {
        next = behind;
        break;
      }
      // Others get their turn.
      await nextTurn();
    }
  } finally {
    file.close();
  }
  // Throws the error of an empty file; before its end all lines may be blank, or the first has not ended.
  if (!file.hasBegun && isLast) file.begin(undefined);
  return { next: { ...(next ?? splitter.position), headerFrom, headerTo }, csv };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
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
