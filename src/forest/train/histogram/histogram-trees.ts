import type { TrainedTree } from '../train.ts';
import type { TrainOptions } from '../train-options.ts';
import { writeEstimator } from '../tree-writer.ts';
import type { BinnedData } from './bin-columns.ts';
import { createSampler } from './draw-sample.ts';
import { createHistogramGrower } from './grow-histogram-tree.ts';

/**
 * Makes a function that trains one tree by its number, in any order.
 *
 * @param options checked
 */
export function createHistogramTrainer(
  data: BinnedData,
  options: TrainOptions,
): (tree: number) => TrainedTree {
  const draw = createSampler(options, data.target.length, data.columns.length, data.weights);
  const grow = createHistogramGrower(data, options);
  return (tree) => {
    const sample = draw(tree);
    return { tree, columns: sample.columns, estimator: writeEstimator(grow(sample), options, 'slim') };
  };
}
