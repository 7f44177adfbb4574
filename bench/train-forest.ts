import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import type { TrainOptions } from '../src/forest/train/train-options.ts';
import { trainInParallel } from '../src/forest/train/train-parallel.ts';
import type { TrainingData } from '../src/forest/train/training-data.ts';

export const CORES = cpus().length;

/** How splits can be found, where the trainer has more ways than one. */
export const METHODS: readonly (string | undefined)[] = existsSync(
  new URL('../src/forest/train/train-method.ts', import.meta.url),
)
  ? ['exact', 'histogram']
  : [undefined];

/** Trains on all cores, or on so many, and returns slim JSON. */
export const trainOnCores = (data: TrainingData, options: Partial<TrainOptions>, workers = CORES) =>
  trainInParallel(
    data,
    options,
    'slim',
    () => new Worker(new URL('../src/forest/train/train-worker.ts', import.meta.url), { type: 'module' }),
    workers,
  );

/** What the trainers of train.ts are to grow, as `savings train` does unless it is told otherwise. */
export const TRAINING = {
  nEstimators: 100,
  maxFeatures: 1,
  treeOptions: { maxDepth: 12, minNumSamples: 20 },
} as const satisfies Partial<TrainOptions>;

/** The two forests of the benches, of 100 trees on 20,000 rows: S has about 50 thousand nodes, M about 313 thousand. */
export const SHAPES = {
  S: { nEstimators: 100, maxFeatures: 0.8, treeOptions: { maxDepth: 8 } },
  M: { nEstimators: 100, maxFeatures: 0.8, treeOptions: { maxDepth: 12, minNumSamples: 10 } },
} as const;
