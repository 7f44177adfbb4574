import type { Model } from '../model/model.ts';
import type { ScoredChunk } from './bytes/chunk-scorer.ts';
import { RecordSplitter } from './bytes/record-splitter.ts';
import type { RowFault } from './row-reader.ts';
import { FileScorer } from './scoring/file-scorer.ts';
import { inOrder } from './scoring/in-order.ts';
import type { ScoringPool } from './scoring/scoring-pool.ts';

export interface PredictHooks {
  onFault(fault: RowFault): void;
  /** Called with each chunk of rows after its faults, when some are good. */
  onPredicted?: (chunk: ScoredChunk) => void;
}

export interface PredictCsvOptions {
  /** Leaves bad rows in their places, without predictions and with a column that says what is wrong. */
  keepBadRows?: boolean;
  /** Counts what monitoring wants to know of the predictions. */
  counts?: boolean;
  /** The most rows, good and bad together. */
  maxRows?: number;
  /** Scores all but small files; without one that is done here. */
  pool?: ScoringPool | undefined;
}

/**
 * Predicts a CSV as it comes, in constant memory: each good row as it was, with three columns more. Bad rows are
 * reported, and left out or kept.
 *
 * @returns CSV in UTF-8, in pieces; the header is the first
 * @throws AppError `invalid` when the header does not fit the model, or the bytes are not UTF-8; `too_large` when
 * there are more rows than `maxRows`; `unavailable` when a worker has died
 */
export async function* predictCsv(
  source: AsyncIterable<Uint8Array>,
  model: Model,
  hooks: PredictHooks,
  options: PredictCsvOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  const { maxRows, keepBadRows, counts, pool } = options;
  const file = new FileScorer(model, { keepBadRows, counts }, pool);
  try {
    const splitter = new RecordSplitter({ maxRows });
    const results = inOrder(
      source[Symbol.asyncIterator](),
      splitter,
      (chunk) => file.score(chunk),
      () => pool?.chunksAhead ?? 1,
    );
    for await (const scored of results) {
      report(scored, hooks);
      if (scored.csv.length > 0) yield scored.csv;
    }
  } finally {
    file.close();
  }
  // Throws the error of an empty file.
  if (!file.hasBegun) file.begin(undefined);
}

/** Tells of a chunk's faults and predictions. */
export function report(chunk: ScoredChunk, { onFault, onPredicted }: PredictHooks): void {
  for (const fault of chunk.faults) onFault(fault);
  if (chunk.rows > 0) onPredicted?.(chunk);
}
