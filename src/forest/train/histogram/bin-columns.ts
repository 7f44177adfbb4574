import type { TrainingData } from '../training-data.ts';

/** A bin's number is one byte. */
const MOST_BINS = 256;
/** Rows whose quantiles say where bins end: more would move an edge by a small part of a bin. */
const SAMPLED_ROWS = 200_000;
/** Below 2^53, with room for rounding. */
const MOST_SUM = 2 ** 52;

/** A column, and which of its values are in which bin, rising; each bin holds one row's at least. */
export interface ColumnBins {
  /** [bins] the least value of the rows in each. */
  lowest: Float64Array;
  /** [bins] the largest. */
  highest: Float64Array;
  /** [rows] */
  values: Float64Array;
}

/** Training data and the bin of each of its values. Its arrays are shared between threads. */
export interface BinnedData {
  /** [rows, columns] the bin of each value, row after row: what a node looks at lies together. */
  bins: Uint8Array;
  /** [columns] */
  columns: ColumnBins[];
  /** [rows] */
  target: Float64Array;
  /**
   * [rows] the target less its mean, as a whole number of a step so fine that a sum of any rows of a sample is whole and
   * below 2^53, and so exact.
   */
  wholeTarget: Float64Array;
  /** [rows] */
  weights?: Float64Array | undefined;
}

/**
 * Puts each column's values into up to 256 bins of about as many rows, once for all trees. A column of no more different
 * values has a bin for each, so that nothing is lost.
 *
 * @param data checked
 */
export function binColumns({ columns, target, weights }: TrainingData): BinnedData {
  const width = columns.length;
  const bins = new Uint8Array(new SharedArrayBuffer(target.length * width));
  return {
    bins,
    columns: columns.map((values, c) => ({ ...fillBins(values, bins, width, c), values: shared(values) })),
    target: shared(target),
    wholeTarget: shared(wholeTargets(target)),
    weights: weights && shared(weights),
  };
}

/** The values in memory that threads share. */
function shared(values: Float64Array): Float64Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** Writes one column's bins, and learns from all rows which values each holds. */
function fillBins(values: Float64Array, bins: Uint8Array, width: number, column: number) {
  const starts = startsOf(sampleOf(values).sort());
  const count = starts.length;
  const lowest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const highest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0, at = column; row < values.length; row++, at += width) {
    const value = values[row];
    // The last bin that starts at the value or below; what is below all of them is in the first.
    let bin = 0;
    for (let rest = count; rest > 1; ) {
      const half = rest >> 1;
      if (starts[bin + half] <= value) bin += half;
      rest -= half;
    }
    bins[at] = bin;
    if (value < lowest[bin]) lowest[bin] = value;
    if (value > highest[bin]) highest[bin] = value;
  }
  return { lowest, highest };
}

/** Values of rows that are as far apart from each other. */
function sampleOf(values: Float64Array): Float64Array {
  if (values.length <= SAMPLED_ROWS) return values.slice();
  const step = values.length / SAMPLED_ROWS;
  return Float64Array.from({ length: SAMPLED_ROWS }, (_, i) => values[Math.floor(i * step)]);
}

/** The value at which each bin starts. @param sorted at least one */
function startsOf(sorted: Float64Array): Float64Array {
  const distinct = [sorted[0]];
  for (let i = 1; i < sorted.length && distinct.length <= MOST_BINS; i++)
    if (sorted[i] !== sorted[i - 1]) distinct.push(sorted[i]);
  if (distinct.length <= MOST_BINS) return Float64Array.from(distinct);

  // Rows of one value stay together, and what a frequent one takes is shared by the bins that are left.
  const starts = [sorted[0]];
  for (let start = 0; starts.length < MOST_BINS; ) {
    let next = start + Math.ceil((sorted.length - start) / (MOST_BINS - starts.length + 1));
    while (next < sorted.length && sorted[next] === sorted[next - 1]) next++;
    if (next >= sorted.length) break;
    starts.push(sorted[next]);
    start = next;
  }
  return Float64Array.from(starts);
}

function wholeTargets(target: Float64Array): Float64Array {
  // Beside the first of them, so that an offset of all is gone before anything is rounded.
  const beside = target.map((value) => value - target[0]);
  let mean = 0;
  for (let row = 0; row < beside.length; row++) mean += beside[row] / beside.length;
  let most = 0;
  for (let row = 0; row < beside.length; row++) most = Math.max(most, Math.abs(beside[row] - mean));
  const step = (most * beside.length) / MOST_SUM;
  return step === 0 ? beside.fill(0) : beside.map((value) => Math.round((value - mean) / step));
}
