import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Variant } from '../serving/experiment.ts';
import type { Surface } from '../serving/metrics.ts';
import type { Deps } from './deps.ts';
import type { ProblemError } from './problem.ts';
import { recordPredictions } from './variant.ts';

/** More would make a response that nobody reads. */
export const MAX_ERRORS = 20;

/** Checks every row until there are more faults than anybody reads. */
export function parseRows(model: Model, rows: readonly unknown[]) {
  const inputs: Inputs[] = [];
  const errors: (ProblemError & { row: number })[] = [];
  for (let row = 0; row < rows.length; row++) {
    const parsed = model.inputs.parse(rows[row]);
    if (parsed.ok) inputs.push(parsed.inputs);
    else errors.push(...parsed.errors.map((error) => ({ row, ...error })));
    if (errors.length >= MAX_ERRORS) break;
  }
  return { inputs, errors: errors.slice(0, MAX_ERRORS) };
}

/** Predicts what a client settled on, and records it. */
export function predictRows(
  deps: Pick<Deps, 'metrics' | 'experiment'>,
  variant: Variant,
  inputs: readonly Inputs[],
  surface: Surface,
): Prediction[] {
  const began = performance.now();
  const { model } = variant;
  const predictions = inputs.length === 1 ? [model.predict(inputs[0])] : model.predictMany(inputs);
  recordPredictions(deps, variant, surface, inputs, predictions, performance.now() - began);
  return predictions;
}
