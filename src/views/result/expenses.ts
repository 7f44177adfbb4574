import type { Inputs } from '../../model/features.ts';
import type { Manifest } from '../../model/manifest.ts';

export interface Expense {
  name: string;
  label: string;
  amount: number;
  /** Whether it is of a kind that can fall first. */
  discretionary: boolean;
}

/** A manifest tells by the group that an expense stands in; in a group of another name, none is taken for one. */
const DISCRETIONARY = /lifestyle|leisure|discretionary/i;

/** The household's expenses, largest first; equal ones in the manifest's order. */
export function largestExpenses(manifest: Pick<Manifest, 'features'>, inputs: Inputs): Expense[] {
  return manifest.features
    .filter(({ role }) => role === 'expense')
    .map(({ name, label, group }) => ({
      name,
      label,
      amount: Number(inputs[name]),
      discretionary: DISCRETIONARY.test(group),
    }))
    .sort((a, b) => b.amount - a.amount);
}
