import type { Model } from '../../model/model.ts';
import type { RowFault } from '../row-reader.ts';
import type { ParquetFile } from './parquet-file.ts';
import { PartWriter } from './part-writer.ts';
import { holding } from './random-access.ts';
import { GroupScorer, type ScoredGroup } from './score-group.ts';

export interface ScoreHooks {
  onFault(fault: RowFault): void;
  /** Called with each row group that has been scored. */
  onScored?: (group: ScoredGroup) => void;
}

/**
 * Predicts a Parquet file row group by row group: its columns as they are, with three more.
 *
 * @returns the bytes of a Parquet file, in pieces
 * @throws AppError as GroupScorer does; whatever the source throws
 */
export async function* scoreParquet(
  file: ParquetFile,
  model: Model,
  { onFault, onScored }: ScoreHooks,
): AsyncGenerator<Uint8Array, void, void> {
  const scorer = new GroupScorer(file, model);
  const part = new PartWriter(file);
  for (const group of file.rowGroups) {
    const source = await holding(file.source, group);
    const scored = await scorer.score(group, source);
    yield* part.append(file, group, scored, source);
    for (const fault of scored.faults) onFault(fault);
    onScored?.(scored);
  }
  yield* part.finish();
}
