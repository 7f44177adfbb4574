import type { Prediction } from '../model/prediction.ts';

/** Shares of income that separate the bands; a goal is proposed by the same ones (model/goal.ts). */
export const LOW_RATE = 0.1;
export const GOOD_RATE = 0.2;

export interface Status {
  name: 'overspending' | 'low' | 'fair' | 'healthy';
  label: string;
  text: string;
}

/** What one household has left over, as the page says it everywhere. */
export interface LeftOver {
  /** "Short by" where more goes out than comes in; the amount is the shortfall then, and never below 0. */
  name: 'Left over' | 'Short by';
  amount: number;
  /** Left over as a share of income, below 0 where it is short; 0 where there is no income to take a share of. */
  share: number;
  status: Status;
}

/**
 * How a household stands, by its own figures alone. What counts is the amount and the share as the page rounds them, so
 * that no word contradicts the number beside it.
 */
export function leftOverOf({ income, remainder }: Pick<Prediction, 'income' | 'remainder'>): LeftOver {
  const share = income > 0 ? remainder / income : 0;
  const short = Math.round(remainder) < 0;
  return {
    name: short ? 'Short by' : 'Left over',
    amount: short ? -remainder : Math.max(0, remainder),
    share: short ? share : Math.max(0, share),
    status: short ? STATUSES.overspending : statusOfShare(Math.round(share * 1000) / 1000),
  };
}

const STATUSES = {
  overspending: {
    name: 'overspending',
    label: 'Overspending',
    text: 'More goes out than comes in. What it would take to close the gap is below.',
  },
  low: {
    name: 'low',
    label: 'Below a tenth',
    text: 'Less than a tenth of income is left over.',
  },
  fair: {
    name: 'fair',
    label: 'Below a fifth',
    text: 'A tenth of income or more is left over, and less than a fifth.',
  },
  healthy: {
    name: 'healthy',
    label: 'A fifth or more',
    text: 'At least a fifth of income is left over.',
  },
} satisfies Record<Status['name'], Status>;

function statusOfShare(share: number): Status {
  if (share < LOW_RATE) return STATUSES.low;
  return share < GOOD_RATE ? STATUSES.fair : STATUSES.healthy;
}
