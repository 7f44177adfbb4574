import { drawBootstrapSamples } from './bootstrap.ts';
import { createTreeGrower } from './grow-tree.ts';
import { type BinnedData, binColumns } from './histogram/bin-columns.ts';
import { createHistogramTrainer } from './histogram/histogram-trees.ts';
import { checkTrainOptions, columnsPerTree, type TrainOptions } from './train-options.ts';
import { checkTrainingData, type TrainingData } from './training-data.ts';
import { type ForestWriter, writeEstimator } from './tree-writer.ts';

export interface TrainHooks {
  /** Called after each tree; on a single thread it is awaited, so that it can let others in. */
  onProgress?: (treesDone: number, treesInAll: number) => void | Promise<void>;
  /** Looked at before each tree; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** One tree, written. */
export interface TrainedTree {
  tree: number;
  columns: number[];
  /** The JSON of its estimator. */
  estimator: string;
}

/** All that is needed to grow trees, by either method; checked. */
export type TrainJob =
  | { method: 'exact'; data: TrainingData; options: TrainOptions; writer: ForestWriter }
  | { method: 'histogram'; data: BinnedData; options: TrainOptions };

/**
 * Trains a forest and returns its JSON. By the exact method and with the `library` writer it is, byte for byte,
 * `JSON.stringify(forest)` after ml-random-forest 2.1's `new RandomForestRegression({...options, noOOB: true})` was
 * trained on the same rows; with `slim` it is the same forest in fewer bytes (see `ForestWriter`).
 *
 * @throws AppError `invalid` when data or options make no sense.
 */
export async function trainForest(
  data: TrainingData,
  options: Partial<TrainOptions>,
  writer: ForestWriter,
  hooks: TrainHooks = {},
): Promise<string> {
  const job = trainJob(data, options, writer);
  const checked = job.options;
  const train = treeTrainerOf(job);
  const trees: TrainedTree[] = [];
  for (let tree = 0; tree < checked.nEstimators; tree++) {
    hooks.signal?.throwIfAborted();
    trees.push(train(tree));
    await hooks.onProgress?.(trees.length, checked.nEstimators);
  }
  return writeForest(trees, checked, data.columns.length);
}

/**
 * Checks what is to be trained on and prepares it.
 *
 * @throws AppError `invalid` when data or options make no sense
 */
export function trainJob(data: TrainingData, options: Partial<TrainOptions>, writer: ForestWriter): TrainJob {
  checkTrainingData(data);
  const checked = checkTrainOptions(options, data.columns.length);
  if (checked.method === 'exact') return { method: 'exact', data, options: checked, writer };
  if (writer !== 'slim')
    throw new RangeError('Cannot train: from histograms no forest of the library is grown.');
  return { method: 'histogram', data: binColumns(data), options: checked };
}

/** Makes a function that trains one tree by its number, which must rise from call to call. */
export function treeTrainerOf(job: TrainJob): (tree: number) => TrainedTree {
  return job.method === 'histogram'
    ? createHistogramTrainer(job.data, job.options)
    : createTreeTrainer(job.data, job.options, job.writer);
}

/**
 * Makes a function that trains one tree by the exact method. Numbers must rise from call to call, since a tree's sample
 * follows from those of all before it; left-out trees cost next to nothing.
 *
 * @param data checked.
 * @param options checked.
 */
function createTreeTrainer(
  data: TrainingData,
  options: TrainOptions,
  writer: ForestWriter,
): (tree: number) => TrainedTree {
  const samples = drawBootstrapSamples(options, data.target.length, data.columns.length, data.weights);
  const grower = createTreeGrower(data, options, writer === 'library');
  return (tree) => {
    let sample = samples.next().value;
    while (sample && sample.tree < tree) sample = samples.next().value;
    if (sample?.tree !== tree)
      throw new RangeError(`Cannot train tree ${tree}: it was passed already, or there is none.`);
    const nodes = grower.grow(sample);
    return { tree, columns: sample.columns, estimator: writeEstimator(nodes, options, writer) };
  };
}

/**
 * Puts trees together, in the library's order of keys.
 * @param trees all of them, in order.
 */
export function writeForest(trees: TrainedTree[], options: TrainOptions, features: number): string {
  const { replacement, maxFeatures, nEstimators, treeOptions, seed, useSampleBagging } = options;
  const before = {
    indexes: trees.map(({ columns }) => columns),
    n: columnsPerTree(maxFeatures, features),
    replacement,
    maxFeatures,
    nEstimators,
    treeOptions,
    isClassifier: false,
    seed,
  };
  const estimators = trees.map(({ estimator }) => estimator).join(',');
  return (
    `{"baseModel":${JSON.stringify(before).slice(0, -1)},"estimators":[${estimators}],` +
    `"useSampleBagging":${useSampleBagging}},"selectionMethod":"${options.selectionMethod}","name":"RFRegression"}`
  );
}
