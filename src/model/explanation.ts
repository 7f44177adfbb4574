import type { Explanation as Contributions } from '../forest/explain.ts';
import type { Manifest } from './manifest.ts';
import type { Prediction } from './prediction.ts';

/** Why a prediction is what it is, in the target's unit: base + every part = unclamped, and unclamped + limit = amount. */
export interface Explanation {
  /** The forest's average output over the training rows, at this household's income. */
  base: number;
  /** What each input or derived column adds, the largest first whatever its sign; derived columns as themselves. */
  parts: { name: string; label: string; change: number }[];
  unclamped: number;
  /** What the clamp adds to it or, as a rule, takes from it. */
  limit: number;
  amount: number;
}

/**
 * @param contributions to the forest's output, one a column of its row
 * @param scale what an output is multiplied by to be in the target's unit: the income, where it is a share of that
 */
export function explanationOf(
  manifest: Pick<Manifest, 'features' | 'derived' | 'encoding'>,
  { base, contributions }: Contributions,
  scale: number,
  { amount, unclamped }: Pick<Prediction, 'amount' | 'unclamped'>,
): Explanation {
  const labels = new Map([...manifest.features, ...manifest.derived].map(({ name, label }) => [name, label]));
  const changes = new Map<string, number>();
  for (const [i, column] of manifest.encoding.entries()) {
    // The columns of one choice are one input to whoever reads this.
    const name = 'derived' in column ? column.derived : column.feature;
    changes.set(name, (changes.get(name) ?? 0) + contributions[i] * scale);
  }
  const parts = [...changes].map(([name, change]) => ({ name, label: labels.get(name) ?? name, change }));
  parts.sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  return { base: base * scale, parts, unclamped, limit: amount - unclamped, amount };
}
