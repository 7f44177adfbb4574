import type { Inputs } from './features.ts';
import type { Model } from './model.ts';

/** The predictions for other values of one input, with everything else kept. */
export interface Sweep {
  feature: string;
  label: string;
  /** Points in rising order of the input's value; the amount is the prediction there. */
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
  return sweep(
    model,
    inputs,
    ranges.map(({ name, start, end }) => ({
      name,
      values: Array.from({ length: POINTS }, (_, i) => start + ((end - start) * i) / (POINTS - 1)),
    })),
  );
}

/** The same for every number of a model without a budget, over what it has seen of each. */
export function sweepNumbers(model: Model, inputs: Inputs): Sweep[] {
  const numbers = model.manifest.features.filter(({ kind }) => kind !== 'choice');
  const ranges = numbers.map(({ name, kind, trained }) => {
    const now = Number(inputs[name]);
    const [start, end] = [Math.min(now, trained.min), Math.max(now, trained.max)];
    // Written so that it ends where it should, to the last digit.
    const at = (share: number) => start * (1 - share) + end * share;
    const values = Array.from({ length: POINTS }, (_, i) => at(i / (POINTS - 1)));
    return { name, values: kind === 'integer' ? [...new Set(values.map(Math.round))] : values };
  });
  return sweep(
    model,
    inputs,
    ranges.filter(({ values }) => values[0]! < values.at(-1)!),
  );
}

function sweep(model: Model, inputs: Inputs, ranges: { name: string; values: number[] }[]): Sweep[] {
  const batch = ranges.flatMap(({ name, values }) => values.map((value) => ({ ...inputs, [name]: value })));
  const predictions = model.predictMany(batch);
  const labels = new Map(model.manifest.features.map(({ name, label }) => [name, label]));
  let at = 0;
  return ranges.map(({ name, values }) => ({
    feature: name,
    label: labels.get(name)!,
    points: values.map((value) => ({ value, amount: predictions[at++]!.amount })),
  }));
}
