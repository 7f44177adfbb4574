import { createHash } from 'node:crypto';
import type { ScoringPool } from '../../dataset/scoring/scoring-pool.ts';
import type { Model } from '../../model/model.ts';
import type { Location } from '../../store/location.ts';
import { csvPart } from './csv-part.ts';
import { parquetPart } from './parquet-part.ts';
import { partNames, type RunRecord, type ShardDone, writeDone } from './run-record.ts';
import { RejectsFile } from './rejects-file.ts';
import { slicesOf } from './slices.ts';

/** What working on a run needs. */
export interface Scoring {
  run: RunRecord;
  from: Location;
  to: Location;
  model: Model;
  /** Scores the rows of CSVs; without one that is done here. */
  pool: ScoringPool | undefined;
  /** Ends the work at the next batch or row group, with its reason. */
  signal: AbortSignal;
  /** Told how many rows of a shard have been scored so far. */
  onProgress(shard: number, rows: number): void;
}

/** What makes a part tell of its rows. */
export interface PartHooks {
  onScored(rows: number): void;
  rejects: RejectsFile;
}

/**
 * Scores one shard: its part, then the side file of its rejects, and last the word that it is done. Until then nothing
 * counts, and all is done anew by whoever takes the shard next, to the same bytes.
 * @throws AppError; nothing unfinished is left to be seen
 */
export async function scoreShard(scoring: Scoring, shard: number): Promise<ShardDone> {
  const { run, to, onProgress } = scoring;
  const names = partNames(shard, run.output);
  const rejects = new RejectsFile(to, names.rejects);
  const hash = createHash('sha256');
  let [rows, bytes] = [0, 0];
  const onScored = (more: number) => {
    rows += more;
    onProgress(shard, rows);
  };
  const slices = slicesOf(run.inputs, shard, run.shards);
  const part = { csv: csvPart, parquet: parquetPart }[run.output](scoring, slices, { onScored, rejects });
  try {
    await to.put(names.part, counted(part));
    await rejects.finish();
  } catch (error) {
    await rejects.abort(error);
    throw error;
  }
  const done = { shard, rows, rejects: rejects.count, bytes, sha256: hash.digest('hex') };
  await writeDone(to, done);
  return done;

  async function* counted(pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
}
