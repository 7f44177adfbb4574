/** How far predictions are from the truth, in the truth's unit; r2 has none. */
export interface Scores {
  /** Mean absolute error. */
  mae: number;
  /** Root of the mean squared error. */
  rmse: number;
  /** Share of the truth's variance that is explained: 1 is perfect, 0 no better than its mean. */
  r2: number;
}

/**
 * @param predicted, truth [rows]; not empty, and the truth not all alike, or r2 means nothing and is 0
 * @param weights [rows], how much each row counts; all as much where it is left out
 */
export function scoresOf(predicted: Float64Array, truth: Float64Array, weights?: Float64Array): Scores {
  const rows = truth.length;
  const mean = meanOf(truth, weights);
  let total = 0;
  let absolute = 0;
  let squared = 0;
  let variance = 0;
  for (let i = 0; i < rows; i++) {
    const weight = weights?.[i] ?? 1;
    const error = predicted[i] - truth[i];
    total += weight;
    absolute += weight * Math.abs(error);
    squared += weight * (error * error);
    variance += weight * (truth[i] - mean) ** 2;
  }
  return {
    mae: absolute / total,
    rmse: Math.sqrt(squared / total),
    r2: variance === 0 ? 0 : 1 - squared / variance,
  };
}

/** @param weights [rows], how much each value counts; all as much where it is left out */
export function meanOf(values: Float64Array, weights?: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1;
    sum += weight * values[i];
    total += weight;
  }
  return sum / total;
}

/** The standard deviation of a sample: divided by n - 1. */
export function standardDeviationOf(values: Float64Array): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}
