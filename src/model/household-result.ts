import type { Explanation } from './explanation.ts';
import type { Inputs } from './features.ts';
import { type GoalAnswer, proposeGoal, seekGoal } from './goal.ts';
import type { Model } from './model.ts';
import type { GivenInputs } from './periods.ts';
import type { Prediction } from './prediction.ts';
import { type Sweep, sweepExpenses } from './sensitivity.ts';

/** Everything that a model says about one household. */
export interface HouseholdResult {
  /** In the model's period. */
  inputs: Inputs;
  /** The same as they were given. */
  given: GivenInputs;
  prediction: Prediction;
  /** Undefined when the model holds nothing to explain itself with. */
  explanation: Explanation | undefined;
  sweeps: readonly Sweep[];
  goal: GoalAnswer;
}

/** Where a household is kept. */
export type Slot = 'A' | 'B' | 'C';

/** A household put aside to compare with; its prediction is the present model's, whichever was live when it was kept. */
export interface KeptHousehold extends Pick<HouseholdResult, 'inputs' | 'given' | 'prediction'> {
  slot: Slot;
  /** What the person calls it; its slot's name until they say. */
  name: string;
  /** The version that was live when it was kept; undefined where nobody said. */
  keptWith: string | undefined;
}

/**
 * @param goal the amount to reach; without it, one is proposed
 * @param given the inputs as they were given, where that was in other periods
 */
export function householdResult(
  model: Model,
  inputs: Inputs,
  goal: number | undefined,
  given: GivenInputs = { amounts: inputs, periods: {} },
): HouseholdResult {
  const prediction = model.predict(inputs);
  return {
    inputs,
    given,
    prediction,
    explanation: model.explain(inputs, prediction),
    // For whoever is short no single expense is the question, but what all of them come to.
    sweeps: prediction.remainder < 0 ? [] : sweepExpenses(model, inputs, prediction.remainder),
    goal: seekGoal(model, inputs, prediction, goal ?? proposedGoal(prediction)),
  };
}

/** Whoever is short is proposed nothing to save: to come out even, a goal of 0, is far enough. */
function proposedGoal(prediction: Prediction): number {
  return prediction.remainder < 0 ? 0 : proposeGoal(prediction);
}
