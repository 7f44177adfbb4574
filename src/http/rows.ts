import { AppError } from '../errors.ts';
import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Variant } from '../serving/experiment.ts';
import type { Surface } from '../serving/metrics.ts';
import { countAnswers } from './variant.ts';
import type { Deps } from './deps.ts';
import type { ProblemError } from './problem.ts';

/** More would make a response that nobody reads. */
export const MAX_ERRORS = 20;

/** @throws AppError `unavailable` */
export function liveModel({ live }: Pick<Deps, 'live'>): Model {
  if (live.model === undefined) {
    throw new AppError('unavailable', 'Cannot predict: no model is loaded yet. Try again in a few seconds.');
  }
  return live.model;
}

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

/** Predicts what a client settled on, and counts it. */
export function predictRows(
  deps: Pick<Deps, 'metrics' | 'experiment'>,
  variant: Variant,
  inputs: readonly Inputs[],
  surface: Surface,
): Prediction[] {
  const began = performance.now();
  const { model } = variant;
  const predictions = inputs.length === 1 ? [model.predict(inputs[0]!)] : model.predictMany(inputs);
  countAnswers(deps, variant, surface, inputs, predictions, performance.now() - began);
  return predictions;
}
