import type { Manifest } from '../model/manifest.ts';

/** Where a CSV holds what was predicted, by headers: the column `of` less all of `minus`. */
export interface Outcome {
  of: string;
  minus: readonly string[];
  /** The column of each row's weight, when rows have weights. */
  weight?: string | undefined;
}

export function outcomeOf({ column, computed }: Pick<Manifest['target'], 'column' | 'computed'>): Outcome {
  return computed ?? { of: column, minus: [] };
}

export const columnsOf = ({ of, minus }: Outcome): string[] => [of, ...minus];

export const isSameOutcome = (a: Outcome, b: Outcome) => columnsOf(a).join('\n') === columnsOf(b).join('\n');
