import { trainForest } from '../forest/train/train.ts';
import { TRAIN_METHODS, type TrainMethod } from '../forest/train/train-method.ts';
import type { TrainOptions } from '../forest/train/train-options.ts';
import { type SpawnTrainWorker, trainInParallel } from '../forest/train/train-parallel.ts';
import type { TrainingData } from '../forest/train/training-data.ts';
import { report, type ProgressHooks } from './progress.ts';

export { TRAIN_METHODS };

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
  /** Where it is left out the number of rows decides. */
  method?: TrainMethod;
}

/**
 * From so many rows on forests are grown from histograms. Below, the exact method takes a few seconds at most, and its
 * forests are the library's: see docs/decisions/0046-trees-from-histograms.md for what was measured.
 */
export const HISTOGRAM_FROM_ROWS = 25_000;

/** Which method grows a forest on so many rows. */
export const methodFor = (rows: number): TrainMethod => (rows < HISTOGRAM_FROM_ROWS ? 'exact' : 'histogram');

/** Threads to grow trees on; the forest is the same with any number of them. */
export interface Workers {
  spawn: SpawnTrainWorker;
  count: number;
}

/** The options by the library's names. @param rows that it is to be grown on */
export function libraryOptions(
  { trees, depth, nodeSize, leafRows, features, seed, method }: ForestOptions,
  rows: number,
): TrainOptions {
  return {
    nEstimators: trees,
    maxFeatures: features,
    replacement: false,
    useSampleBagging: true,
    selectionMethod: 'mean',
    seed,
    treeOptions: { maxDepth: depth, minNumSamples: nodeSize },
    minSamplesLeaf: leafRows,
    method: method ?? methodFor(rows),
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
  const { method } = options;
  await report(hooks, { phase: 'forest', done: 0, total, method });
  if (workers !== undefined && workers.count > 1) {
    return await trainInParallel(data, options, 'slim', workers.spawn, workers.count, {
      onProgress: (done) => hooks.onProgress?.({ phase: 'forest', done, total, method }),
      signal: hooks.signal,
    });
  }
  return await trainForest(data, options, 'slim', {
    onProgress: (done) => report(hooks, { phase: 'forest', done, total, method }),
  });
}
