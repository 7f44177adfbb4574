import { trainForest } from '../forest/train/train.ts';
import type { TrainOptions } from '../forest/train/train-options.ts';
import { type SpawnTrainWorker, trainInParallel } from '../forest/train/train-parallel.ts';
import type { TrainingData } from '../forest/train/training-data.ts';
import { report, type ProgressHooks } from './progress.ts';

export interface ForestOptions {
  trees: number;
  /** Levels below the root at most. */
  depth: number;
  /** A node of this many rows or fewer is not split. */
  nodeSize: number;
  /** Rows that a leaf holds at least. */
  leafRows: number;
  /** Share of the columns that each tree sees, in (0, 1], or how many. */
  features: number;
  seed: number;
}

/** Threads to grow trees on; the forest is the same with any number of them. */
export interface Workers {
  spawn: SpawnTrainWorker;
  count: number;
}

/** The options by the library's names. */
export function libraryOptions({
  trees,
  depth,
  nodeSize,
  leafRows,
  features,
  seed,
}: ForestOptions): TrainOptions {
  return {
    nEstimators: trees,
    maxFeatures: features,
    replacement: false,
    useSampleBagging: true,
    selectionMethod: 'mean',
    seed,
    treeOptions: { maxDepth: depth, minNumSamples: nodeSize },
    minSamplesLeaf: leafRows,
  };
}

/**
 * Grows a forest and returns the artifact's slim JSON. Without workers it lets others in between trees.
 *
 * @throws AppError `invalid` when data or options make no sense
 */
export async function growForest(
  data: TrainingData,
  options: TrainOptions,
  workers: Workers | undefined,
  hooks: ProgressHooks,
): Promise<string> {
  const total = options.nEstimators;
  await report(hooks, { phase: 'forest', done: 0, total });
  if (workers !== undefined && workers.count > 1) {
    return await trainInParallel(data, options, 'slim', workers.spawn, workers.count, {
      onProgress: (done) => hooks.onProgress?.({ phase: 'forest', done, total }),
      signal: hooks.signal,
    });
  }
  return await trainForest(data, options, 'slim', {
    onProgress: (done) => report(hooks, { phase: 'forest', done, total }),
  });
}
