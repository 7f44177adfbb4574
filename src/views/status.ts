import type { Prediction } from '../model/prediction.ts';

/** Shares of income that separate the bands; 20 % is what budgeting advice commonly asks for. */
export const LOW_RATE = 0.1;
export const GOOD_RATE = 0.2;

export interface Status {
  name: 'overspending' | 'low' | 'fair' | 'healthy';
  label: string;
  text: string;
}

/** How a household stands: by the predicted rate, but first by whether it spends more than comes in. */
export function statusOf({ remainder, rate }: Pick<Prediction, 'remainder' | 'rate'>): Status {
  if (remainder < 0)
    return {
      name: 'overspending',
      label: 'Overspending',
      text: 'More goes out than comes in. Nothing can be saved until that turns.',
    };
  if (rate < LOW_RATE)
    return {
      name: 'low',
      label: 'Low',
      text: 'Below a tenth of income. A start; one bad month can use it up.',
    };
  if (rate < GOOD_RATE)
    return { name: 'fair', label: 'Fair', text: 'Between a tenth and a fifth of income. A solid habit.' };
  return { name: 'healthy', label: 'Healthy', text: 'A fifth of income or more. Very few do better.' };
}
