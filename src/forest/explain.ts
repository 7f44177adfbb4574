import { AppError } from '../errors.ts';
import { type Forest, viewsOf } from './forest.ts';

export interface Explanation {
  /** The forest's output before it knows anything of the row: the mean over trees of their roots' means. */
  base: number;
  /** [features] what each column of the row adds to `base`; in sum they lead to the prediction. */
  contributions: Float64Array;
}

/**
 * Takes a prediction apart by the decision paths that led to it: each split moves the output from its own mean to that
 * of the child it sends the row to, and the move is credited to the split's column (Saabas, "Interpreting random
 * forests", 2014, http://blog.datadive.net/interpreting-random-forests/). See
 * docs/decisions/0002-decision-path-contributions.md for why not another method.
 *
 * `base` plus all contributions is the prediction but for rounding: they differ by less than 1e-12 times the largest
 * mean of any node.
 *
 * @param row [features] numbers.
 * @throws AppError `invalid` when the forest carries no means, or the row has another length.
 */
export function explain(forest: Forest, row: ArrayLike<number>): Explanation {
  const { features, trees, roots, means } = forest;
  if (means === null)
    throw new AppError('invalid', 'Cannot explain: the forest carries no means of its nodes; train it anew.');
  if (row.length !== features)
    throw new AppError('invalid', `Cannot explain: the row holds ${row.length} numbers, not ${features}.`);

  const { numbers, words } = viewsOf(forest.nodes);
  const contributions = new Float64Array(features);
  let base = 0;
  for (let tree = 0; tree < trees; tree++) {
    let node = roots[tree];
    base += means[node];
    for (let column = words[4 * node + 2]; column < features; column = words[4 * node + 2]) {
      const next = words[4 * node + 3] - +(row[column] < numbers[2 * node]);
      contributions[column] += means[next] - means[node];
      node = next;
    }
  }
  for (let column = 0; column < features; column++) contributions[column] /= trees;
  return { base: base / trees, contributions };
}
