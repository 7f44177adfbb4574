import { ParquetFile } from '../../dataset/parquet/parquet-file.ts';
import { PartWriter } from '../../dataset/parquet/part-writer.ts';
import { holding } from '../../dataset/parquet/random-access.ts';
import { GroupScorer } from '../../dataset/parquet/score-group.ts';
import type { DataFile, Location } from '../../store/location.ts';
import type { PartHooks, Scoring } from './score-shard.ts';
import type { Slice } from './slices.ts';

/** The row groups that begin in some slices as one Parquet file, with their predictions. */
export async function* parquetPart(
  { run, from, model, signal }: Scoring,
  slices: readonly Slice[],
  { onScored, rejects }: PartHooks,
): AsyncGenerator<Uint8Array, void, void> {
  // Its columns are every part's, also of one without rows.
  const part = new PartWriter(await openParquet(from, run.inputs[0]));
  for (const { input, from: start, to: end } of slices) {
    const file = await openParquet(from, run.inputs[input]);
    const scorer = new GroupScorer(file, model);
    for (const group of file.rowGroups) {
      if (group.start < start || group.start >= end) continue;
      signal.throwIfAborted();
      const source = await holding(file.source, group);
      const scored = await scorer.score(group, source);
      yield* part.append(file, group, scored, source);
      for (const { line, message } of scored.faults)
        rejects.add({ file: file.name, offset: 0, line, message });
      await rejects.room();
      onScored(scored.rows - scored.faults.length);
    }
  }
  yield* part.finish();
}

/** @throws AppError `corrupt`, `invalid`; what reading throws */
export async function openParquet(location: Location, file: DataFile): Promise<ParquetFile> {
  const source = {
    byteLength: file.size,
    slice: (start: number, end: number) => location.readRange(file, start, end),
  };
  return await ParquetFile.open(source, file.path);
}
