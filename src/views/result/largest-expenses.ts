import type { Inputs } from '../../model/features.ts';
import type { Manifest } from '../../model/manifest.ts';

export interface Expense {
  name: string;
  label: string;
  amount: number;
}

/** The household's expenses, largest first; equal ones in the manifest's order. */
export function largestExpenses(manifest: Pick<Manifest, 'features'>, inputs: Inputs): Expense[] {
  return manifest.features
    .filter(({ role }) => role === 'expense')
    .map(({ name, label }) => ({ name, label, amount: Number(inputs[name]) }))
    .sort((a, b) => b.amount - a.amount);
}
