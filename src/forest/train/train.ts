import { drawBootstrapSamples } from './bootstrap.ts';
import { createTreeGrower } from './grow-tree.ts';
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

/**
 * Trains a forest and returns its JSON. With the `library` writer it is, byte for byte,
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
  const checked = checkTraining(data, options);
  const train = createTreeTrainer(data, checked, writer);
  const trees: TrainedTree[] = [];
  for (let tree = 0; tree < checked.nEstimators; tree++) {
    hooks.signal?.throwIfAborted();
    trees.push(train(tree));
    await hooks.onProgress?.(trees.length, checked.nEstimators);
  }
  return writeForest(trees, checked, data.columns.length);
}

/** @throws AppError `invalid` */
export function checkTraining(data: TrainingData, options: Partial<TrainOptions>): TrainOptions {
  checkTrainingData(data);
  return checkTrainOptions(options, data.columns.length);
}

/**
 * Makes a function that trains one tree by its number. Numbers must rise from call to call, since a tree's sample
 * follows from those of all before it; left-out trees cost next to nothing.
 *
 * @param data checked.
 * @param options checked.
 */
export function createTreeTrainer(
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
