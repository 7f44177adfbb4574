import { type Expense, expensesOf } from './expenses.ts';
import type { Explanation } from './explanation.ts';
import type { Inputs } from './features.ts';
import { type GoalAnswer, proposeGoal, proposeMore, seekGoal } from './goal.ts';
import type { Model } from './model.ts';
import type { GivenInputs } from './periods.ts';
import type { Prediction } from './prediction.ts';
import { type Sweep, sweepExpenses, sweepNumbers } from './sensitivity.ts';

/**
 * Everything that a model says about one household. All but the prediction is worked out when it is first read, so that
 * whoever shows a part of it pays for that part.
 */
export interface HouseholdResult {
  /** In the model's period. */
  inputs: Inputs;
  /** The same as they were given. */
  given: GivenInputs;
  prediction: Prediction;
  /** Largest first. */
  expenses: readonly Expense[];
  /** Undefined when the model holds nothing to explain itself with. */
  readonly explanation: Explanation | undefined;
  readonly sweeps: readonly Sweep[];
  readonly goal: GoalAnswer;
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
  const expenses = expensesOf(model.manifest, inputs);
  const hasBudget = model.words.budget !== undefined;
  const explanation = once(() => model.explain(inputs, prediction));
  // For whoever is short no single expense is the question, but what all of them come to.
  const sweeps = once(() => {
    if (!hasBudget) return sweepNumbers(model, inputs);
    return prediction.remainder < 0 ? [] : sweepExpenses(model, inputs, prediction.remainder);
  });
  const propose = () => (hasBudget ? proposeGoal(prediction, expenses) : proposeMore(prediction));
  const sought = once(() => seekGoal(model, inputs, prediction, goal ?? propose()));
  return {
    inputs,
    given,
    prediction,
    expenses,
    get explanation() {
      return explanation();
    },
    get sweeps() {
      return sweeps();
    },
    get goal() {
      return sought();
    },
  };
}

function once<T>(work: () => T): () => T {
  let done: { value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}
