import { MersenneTwister } from './mersenne.ts';
import { columnsPerTree, type TrainOptions } from './train-options.ts';

/** The rows and columns that one tree learns from. */
export interface BootstrapSample {
  tree: number;
  /** [rows] the row at each place of the tree's sample; with bagging, about 37 % of the rows are in none. */
  rows: Int32Array;
  /** The columns that the tree sees, in its own order. */
  columns: number[];
}

/**
 * Yields each tree's sample, one after the other. Each tree's seed follows from the tree before it, so samples cannot
 * be taken out of order, but they are cheap: every worker walks the whole chain and grows only its own trees. A caller
 * may walk it too, to learn which rows a tree has not seen (out-of-bag).
 *
 * @param options as `checkTrainOptions` returns them.
 * @param weights [rows], in proportion to which rows are drawn. The library has none: with them the chain of seeds is
 *   another one.
 */
export function* drawBootstrapSamples(
  options: TrainOptions,
  rows: number,
  features: number,
  weights?: Float64Array,
): Generator<BootstrapSample, void> {
  const count = columnsPerTree(options.maxFeatures, features);
  const draw = weights === undefined ? undefined : weightedDraw(weights);
  let seed = options.seed;
  for (let tree = 0; tree < options.nEstimators; tree++) {
    const sample = Int32Array.from({ length: rows }, (_, place) => place);
    if (options.useSampleBagging) {
      const random = new MersenneTwister(seed);
      for (let place = 0; place < rows; place++) sample[place] = draw?.(random) ?? random.below(rows);
      seed = random.next();
    }
    const random = new MersenneTwister(seed);
    const columns = options.replacement
      ? Array.from({ length: count }, () => random.below(features))
      : drawDistinct(random, count, features);
    seed = random.next();
    yield { tree, rows: sample, columns };
  }
}

/** Draws rows, each as often as its share of all weights. */
function weightedDraw(weights: Float64Array): (random: MersenneTwister) => number {
  const ends = new Float64Array(weights.length);
  let total = 0;
  for (let row = 0; row < weights.length; row++) ends[row] = total += weights[row];
  return (random) => {
    const at = (((random.next() >>> 0) + 0.5) / 2 ** 32) * total;
    let [low, high] = [0, ends.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function drawDistinct(random: MersenneTwister, count: number, features: number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(random.below(features));
  return [...drawn];
}
