/** One column of a tree's sample. */
export interface SampleColumn {
  /** Its place among the columns that the tree drew. */
  index: number;
  /** [rows] by place in the sample. */
  values: Float64Array;
  /** [rows] the sample's places; within a node's segment sorted by value, ties by place. */
  order: Int32Array;
}

/** The rows that one tree learns from. A node owns the segment `from` to `to` (exclusive) of every order. */
export interface Sample {
  /** [rows] by place in the sample. */
  target: Float64Array;
  /** [rows] the sample's places, within a node's segment ascending. */
  order: Int32Array;
  columns: SampleColumn[];
}

export interface Split {
  column: SampleColumn;
  /** Rows below it go left. */
  value: number;
  /** The library's `gain`: the squared error that is left in the two children. */
  gain: number;
}

/** One of the thresholds that may be the best. */
interface Candidate {
  column: SampleColumn;
  value: number;
  /**
   * Sum over both children of (sum of centred targets)^2 / rows: the more, the smaller their squared error. It is
   * scikit-learn's proxy of the improvement: the squared error that is saved, but for a constant of the node.
   */
  improvement: number;
}

/** Half a unit in the last place of 1. */
const UNIT_ROUNDOFF = 2 ** -53;

/**
 * The split that ml-cart 2.1 would choose for a node, to the last bit of its gain; null when no two neighbours in any
 * column's order differ in their target.
 *
 * ml-cart computes each candidate's error in full, in two passes over the rows. Here prefix sums of the centred targets
 * give the improvement of all candidates of a column in one sweep, and only those that rounding could have put out of
 * order are then compared by ml-cart's own formula, in its order of rows: the first with the least error wins, as it
 * does there.
 *
 * @param mean of the node's targets.
 * @param leastRows on either side; with 1 the library's own choice
 */
export function bestSplit(
  sample: Sample,
  from: number,
  to: number,
  mean: number,
  leastRows: number,
): Split | null {
  const { target, order } = sample;
  let sum = 0;
  let squares = 0;
  let size = 0;
  for (let i = from; i < to; i++) {
    const value = target[order[i]];
    const centred = value - mean;
    sum += centred;
    squares += centred * centred;
    size += Math.abs(value);
  }
  const slack = roundingSlack(to - from, squares, size);

  const candidates: Candidate[] = [];
  let best = -Infinity;
  for (const column of sample.columns) {
    best = sweep(column, target, from, to, mean, sum, best, slack, leastRows, candidates);
  }

  let chosen: Split | null = null;
  for (const { column, value, improvement } of candidates) {
    if (improvement < best - slack) continue;
    const gain = squaredErrorOfSplit(sample, column, value, from, to);
    if (chosen === null || gain < chosen.gain) chosen = { column, value, gain };
  }
  return chosen;
}

/**
 * How far two improvements may be apart and still be in the wrong order, in units of squared target. The first term bounds
 * what rounding does to sums of centred targets and their squares, the second what an inexact mean adds where targets
 * are large beside their spread (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 4.2); both
 * generously. A larger slack costs time, never exactness.
 */
function roundingSlack(rows: number, squares: number, size: number): number {
  const offset = UNIT_ROUNDOFF * size;
  return 32 * UNIT_ROUNDOFF * rows * Math.sqrt(rows) * squares + 32 * rows * offset * offset + 1e-300;
}

/**
 * Adds one column's candidates that come within `slack` of the best so far, and returns the best. Like ml-cart
 * it takes the middle of each two neighbours whose targets differ, equal values included.
 */
function sweep(
  column: SampleColumn,
  target: Float64Array,
  from: number,
  to: number,
  mean: number,
  sum: number,
  best: number,
  slack: number,
  leastRows: number,
  candidates: Candidate[],
): number {
  const { values, order } = column;
  const rows = to - from;
  let place = order[from];
  let value = values[place];
  let outcome = target[place];
  let leftSum = 0;
  // Where the run of values equal to `value` began.
  let runStart = 0;
  let runSum = 0;
  let lastLeft = -1;
  for (let i = 1; i < rows; i++) {
    leftSum += outcome - mean;
    place = order[from + i];
    const nextValue = values[place];
    const nextOutcome = target[place];
    if (outcome !== nextOutcome) {
      const middle = (value + nextValue) / 2;
      // The middle of equal values, or of values so close that it rounds to the lower one, is above none of the run.
      const separates = middle > value;
      const left = separates ? i : runStart;
      // The same rows on either side improve the same, and then the first one wins.
      if (left !== lastLeft && (leastRows === 1 || (left >= leastRows && rows - left >= leastRows))) {
        lastLeft = left;
        const sumLeft = separates ? leftSum : runSum;
        const sumRight = sum - sumLeft;
        const improvement =
          (left > 0 ? (sumLeft * sumLeft) / left : 0) + (sumRight * sumRight) / (rows - left);
        if (improvement >= best - slack) {
          if (improvement > best) best = improvement;
          candidates.push({ column, value: middle, improvement });
        }
      }
    }
    if (value !== nextValue) {
      runStart = i;
      runSum = leftSum;
    }
    value = nextValue;
    outcome = nextOutcome;
  }
  return best;
}

/** ml-cart's `regressionError`, operation by operation: the right side first, rows in the sample's order. */
function squaredErrorOfSplit(
  sample: Sample,
  column: SampleColumn,
  value: number,
  from: number,
  to: number,
): number {
  const { target, order } = sample;
  const { values } = column;
  let leftSum = 0;
  let rightSum = 0;
  let left = 0;
  for (let i = from; i < to; i++) {
    const place = order[i];
    if (values[place] < value) {
      leftSum += target[place];
      left++;
    } else {
      rightSum += target[place];
    }
  }
  const leftMean = leftSum / left;
  const rightMean = rightSum / (to - from - left);
  let leftError = 0;
  let rightError = 0;
  for (let i = from; i < to; i++) {
    const place = order[i];
    if (values[place] < value) {
      leftError += (target[place] - leftMean) * (target[place] - leftMean);
    } else {
      rightError += (target[place] - rightMean) * (target[place] - rightMean);
    }
  }
  return rightError + leftError;
}
