import { MersenneTwister } from '../mersenne.ts';
import { columnsPerTree, type TrainOptions } from '../train-options.ts';

/** What one tree learns from, until the next one's is drawn into the same memory. */
export interface TreeSample {
  /** The rows that were drawn, each once, rising. */
  rows: Int32Array;
  /** [all rows] how often each was drawn. */
  counts: Uint32Array;
  /** The columns that the tree sees, none twice. */
  columns: number[];
}

/**
 * Draws a tree's rows and columns from a stream that is its own, so that a worker can draw any tree's at once.
 *
 * @param options checked
 * @param features how many columns there are
 * @param weights [rows], in proportion to which rows are drawn
 */
export function createSampler(
  options: TrainOptions,
  rows: number,
  features: number,
  weights?: Float64Array,
): (tree: number) => TreeSample {
  const drawRow = weights === undefined ? (share: number) => Math.floor(share * rows) : drawByWeight(weights);
  const counts = new Uint32Array(rows);
  const taken = new Int32Array(rows);
  return (tree) => {
    // Neighbouring seeds and trees get seeds far from each other's (the multipliers are Knuth's and Murmur's).
    const random = new MersenneTwister(Math.imul(options.seed ^ Math.imul(tree + 1, 0x9e3779b1), 0x85ebca6b));
    if (options.useSampleBagging) {
      counts.fill(0);
      for (let place = 0; place < rows; place++) counts[drawRow(((random.next() >>> 0) + 0.5) / 2 ** 32)]++;
    } else counts.fill(1);
    let drawn = 0;
    for (let row = 0; row < rows; row++) if (counts[row] > 0) taken[drawn++] = row;
    return { rows: taken.subarray(0, drawn), counts, columns: drawColumns(random, options, features) };
  };
}

/**
 * The row at which a share of all weights is reached. Where to look for it is in a table of as many entries as rows (the
 * method of Chen and Asau, AIIE Transactions 6(2), 1974), since among many rows a binary search mostly waits for memory.
 */
function drawByWeight(weights: Float64Array): (share: number) => number {
  const rows = weights.length;
  const ends = new Float64Array(rows);
  let total = 0;
  for (let row = 0; row < rows; row++) ends[row] = total += weights[row];
  const firstAfter = (from: number, at: number) => {
    let row = from;
    while (ends[row] <= at) row++;
    return row;
  };
  const guide = new Int32Array(rows);
  for (let entry = 1; entry < rows; entry++)
    guide[entry] = firstAfter(guide[entry - 1], (entry / rows) * total);
  return (share) => firstAfter(guide[Math.floor(share * rows)], share * total);
}

/** A column drawn twice would split the same, so it is taken once. */
function drawColumns(random: MersenneTwister, options: TrainOptions, features: number): number[] {
  const count = columnsPerTree(options.maxFeatures, features);
  const drawn = new Set<number>();
  for (let draws = 0; options.replacement ? draws < count : drawn.size < count; draws++)
    drawn.add(random.below(features));
  return [...drawn];
}
