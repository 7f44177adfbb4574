import type { Inputs } from './features.ts';
import type { Manifest } from './manifest.ts';

/** One of a household's expenses. */
export interface Expense {
  name: string;
  label: string;
  amount: number;
  /** Whether it can fall before others do. */
  discretionary: boolean;
}

/** Groups of expenses that can fall first, in manifests that say of no expense whether it can. */
const DISCRETIONARY_GROUP = /lifestyle|leisure|discretionary/i;

/** The household's expenses, largest first; equal ones in the manifest's order. */
export function expensesOf({ features }: Pick<Manifest, 'features'>, inputs: Inputs): Expense[] {
  const said = features.some(({ discretionary }) => discretionary !== undefined);
  return features
    .filter(({ role }) => role === 'expense')
    .map(({ name, label, group, discretionary }) => ({
      name,
      label,
      amount: Number(inputs[name]),
      discretionary: said ? discretionary === true : DISCRETIONARY_GROUP.test(group),
    }))
    .sort((a, b) => b.amount - a.amount);
}
