import type { Inputs } from './features.ts';
import type { Model } from './model.ts';

/** The predictions for other values of one expense, with everything else kept. */
export interface Sweep {
  feature: string;
  label: string;
  /** Points in rising order of the expense's value; the amount is the prediction there. */
  points: { value: number; amount: number }[];
}

const POINTS = 25;

/**
 * The prediction over each expense's range, everything else kept: from nothing to the amount that would leave
 * nothing over (or twice what it is now, where nothing is left over as it is).
 */
export function sweepExpenses(model: Model, inputs: Inputs, remainder: number): Sweep[] {
  const ranges = model.expenses.map(({ name, max, min }) => {
    const now = Number(inputs[name]);
    const end = Math.min(max, Math.max(now + Math.max(0, remainder), 2 * now, min + 1));
    return { name, start: min, end };
  });
  const batch = ranges.flatMap(({ name, start, end }) =>
    Array.from({ length: POINTS }, (_, i) => ({
      ...inputs,
      [name]: start + ((end - start) * i) / (POINTS - 1),
    })),
  );
  const predictions = model.predictMany(batch);
  return model.expenses.map(({ name, label }, e) => ({
    feature: name,
    label,
    points: Array.from({ length: POINTS }, (_, i) => {
      const at = e * POINTS + i;
      return { value: Number(batch[at][name]), amount: predictions[at].amount };
    }),
  }));
}
