/** How far predictions are from the truth, in the truth's unit; r2 has none. */
export interface Scores {
  /** Mean absolute error. */
  mae: number;
  /** Root of the mean squared error. */
  rmse: number;
  /** Share of the truth's variance that is explained: 1 is perfect, 0 no better than its mean. */
  r2: number;
}

/** @param predicted, truth [rows]; not empty, and the truth not all alike, or r2 means nothing and is 0 */
export function scoresOf(predicted: Float64Array, truth: Float64Array): Scores {
  const rows = truth.length;
  const mean = meanOf(truth);
  let absolute = 0;
  let squared = 0;
  let variance = 0;
  for (let i = 0; i < rows; i++) {
    const error = predicted[i] - truth[i];
    absolute += Math.abs(error);
    squared += error * error;
    variance += (truth[i] - mean) ** 2;
  }
  return {
    mae: absolute / rows,
    rmse: Math.sqrt(squared / rows),
    r2: variance === 0 ? 0 : 1 - squared / variance,
  };
}

export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** The standard deviation of a sample: divided by n - 1. */
export function standardDeviationOf(values: Float64Array): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}
