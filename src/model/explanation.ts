/** Why a prediction is what it is, in the target's unit: base + every part = unclamped, and unclamped + limit = amount. */
export interface Explanation {
  /** The average score of the training rows, at this household's income. */
  base: number;
  /** What each column of the forest adds, the largest first whatever its sign; derived columns as themselves. */
  parts: { name: string; label: string; change: number }[];
  unclamped: number;
  /** What the clamp adds to it or, as a rule, takes from it. */
  limit: number;
  amount: number;
}
