import type { BinnedData } from './bin-columns.ts';
import type { TreeSample } from './draw-sample.ts';

/** Cells that a bin is cut into at most. */
const MOST_CELLS = 64;

/** A split of bins: of those that rows of the node are in, the last that goes left and the next one. */
export interface BinSplit {
  /** Which of the tree's columns it is of. */
  index: number;
  last: number;
  next: number;
  /** Rows of the sample that go left, and the sum of their targets. */
  left: number;
  leftSum: number;
  /** Of all of the node. */
  count: number;
  sum: number;
}

/**
 * Finds the best split within the two bins beside a split of bins. Each is cut into cells of equal width, so that its rows need
 * not be sorted.
 */
export class SplitCells {
  readonly #data: BinnedData;
  readonly #sample: TreeSample;
  readonly #leastRows: number;
  /** By cell, of both bins: rows of the sample, the sum of their targets, their least and largest value. */
  readonly #counts = new Float64Array(2 * MOST_CELLS);
  readonly #sums = new Float64Array(2 * MOST_CELLS);
  readonly #lows = new Float64Array(2 * MOST_CELLS);
  readonly #highs = new Float64Array(2 * MOST_CELLS);

  /** @param leastRows that either side of a split holds at least */
  constructor(data: BinnedData, sample: TreeSample, leastRows: number) {
    this.#data = data;
    this.#sample = sample;
    this.#leastRows = leastRows;
  }

  /** @param near all rows of the two bins */
  bestSplit(near: Int32Array, split: BinSplit): { value: number; gain: number; leftCount: number } {
    const { index, last, next, count, sum } = split;
    const { bins, columns, wholeTarget } = this.#data;
    const { counts } = this.#sample;
    const [own, width] = [this.#sample.columns[index], columns.length];
    const { values, lowest, highest } = columns[own];
    const [cellCounts, sums, lows, highs] = [this.#counts, this.#sums, this.#lows, this.#highs];
    // More cells than rows would be looked at in vain.
    const cells = Math.min(MOST_CELLS, near.length);
    cellCounts.fill(0, 0, 2 * cells);
    sums.fill(0, 0, 2 * cells);
    lows.fill(Number.POSITIVE_INFINITY, 0, 2 * cells);
    highs.fill(Number.NEGATIVE_INFINITY, 0, 2 * cells);
    const [lastFrom, nextFrom] = [lowest[last], lowest[next]];
    const lastScale = cellsPerUnit(lastFrom, highest[last], cells);
    const nextScale = cellsPerUnit(nextFrom, highest[next], cells);
    for (let i = 0; i < near.length; i++) {
      const row = near[i];
      const value = values[row];
      const cell =
        bins[row * width + own] === last
          ? Math.floor((value - lastFrom) * lastScale)
          : cells + Math.floor((value - nextFrom) * nextScale);
      cellCounts[cell] += counts[row];
      sums[cell] += counts[row] * wholeTarget[row];
      if (value < lows[cell]) lows[cell] = value;
      if (value > highs[cell]) highs[cell] = value;
    }

    // What is left of both bins.
    let { left, leftSum } = split;
    for (let cell = 0; cell < cells; cell++) {
      left -= cellCounts[cell];
      leftSum -= sums[cell];
    }
    let gain = 0;
    let leftCount = 0;
    let [below, above] = [0, 0];
    let lastFilled = -1;
    for (let cell = 0; cell < 2 * cells; cell++) {
      if (cellCounts[cell] === 0) continue;
      if (lastFilled >= 0 && left >= this.#leastRows && count - left >= this.#leastRows) {
        const apart = count * leftSum - left * sum;
        const saved = (apart * apart) / (left * (count - left));
        if (saved > gain) {
          gain = saved;
          leftCount = left;
          below = highs[lastFilled];
          above = lows[cell];
        }
      }
      left += cellCounts[cell];
      leftSum += sums[cell];
      lastFilled = cell;
    }
    // The middle of values so close that it rounds to the lower one would send that to the right.
    const middle = (below + above) / 2;
    return { value: middle > below ? middle : above, gain, leftCount };
  }
}

/** By what the distance of a value from the least is multiplied to get its cell; 0 where all values are one. */
function cellsPerUnit(low: number, high: number, cells: number): number {
  // A little less than all, so that rounding gives the largest value no cell beyond the last; and never infinite.
  return high > low ? Math.min((cells * (1 - 2 ** -50)) / (high - low), Number.MAX_VALUE / 4) : 0;
}
