import type { Examples } from '../dataset/examples.ts';
import { meanOf, standardDeviationOf } from '../dataset/scores.ts';
import type { Feature } from '../model/manifest.ts';

/** Below this share of its own variance a column is a sum of earlier ones, and gets no weight. */
const COLLINEAR = 1e-9;

/**
 * Ordinary least squares of the target on the inputs as they are given (choices one-hot), with an intercept, by their
 * weights where they have any: what a forest must beat to be worth its own. Normal equations of standardised columns, solved by Cholesky.
 *
 * @returns predicts the target of other rows, [rows]
 */
export function fitLinear(
  features: readonly Pick<Feature, 'choices'>[],
  examples: Examples,
): (rows: Examples) => Float64Array {
  const columns = designOf(features, examples);
  const { weights: counts } = examples;
  const centres = columns.map((column) => meanOf(column, counts));
  const scales = columns.map((column) => standardDeviationOf(column) || 1);
  const standard = columns.map((column, c) => column.map((x) => (x - centres[c]) / scales[c]));
  const intercept = meanOf(examples.target, counts);
  const centredTarget = examples.target.map((y) => y - intercept);

  const gram = standard.map((a) => standard.map((b) => dot(a, b, counts)));
  const weights = solve(
    gram,
    standard.map((column) => dot(column, centredTarget, counts)),
  );
  return (rows) => {
    const predicted = new Float64Array(rows.rows).fill(intercept);
    for (const [c, column] of designOf(features, rows).entries()) {
      for (let i = 0; i < rows.rows; i++) {
        predicted[i] += (weights[c] * (column[i] - centres[c])) / scales[c];
      }
    }
    return predicted;
  };
}

/** One array a column: a number as it is, a choice as one column for each of its values but the first. */
function designOf(features: readonly Pick<Feature, 'choices'>[], examples: Examples): Float64Array[] {
  return features.flatMap(({ choices }, f) => {
    const column = new Float64Array(examples.rows);
    for (let i = 0; i < examples.rows; i++) column[i] = examples.inputs[i * features.length + f];
    if (choices === undefined) return [column];
    return choices.slice(1).map((_, choice) => column.map((x) => (x === choice + 1 ? 1 : 0)));
  });
}

function dot(a: Float64Array, b: Float64Array, counts: Float64Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (counts?.[i] ?? 1) * (a[i] * b[i]);
  return sum;
}

/** Solves a x = b for a symmetric, positive semi-definite a. */
function solve(a: readonly number[][], b: readonly number[]): number[] {
  const size = b.length;
  const lower = a.map(() => new Float64Array(size));
  const y = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i][j];
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      if (i === j) lower[i][i] = sum > COLLINEAR * a[i][i] ? Math.sqrt(sum) : 0;
      else lower[i][j] = lower[j][j] === 0 ? 0 : sum / lower[j][j];
    }
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= lower[i][k] * y[k];
    y[i] = lower[i][i] === 0 ? 0 : sum / lower[i][i];
  }
  const x: number[] = new Array(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    if (lower[i][i] === 0) continue;
    let sum = y[i];
    for (let k = i + 1; k < size; k++) sum -= lower[k][i] * x[k];
    x[i] = sum / lower[i][i];
  }
  return x;
}
