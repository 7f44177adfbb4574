import { type Expense, expensesOf } from './expenses.ts';
import type { Explanation } from './explanation.ts';
import type { Inputs } from './features.ts';
import { type GoalAnswer, proposeGoal, seekGoal } from './goal.ts';
import type { Model } from './model.ts';
import type { Prediction } from './prediction.ts';
import { type Sweep, sweepExpenses } from './sensitivity.ts';

/**
 * Everything that a model says about one household. All but the prediction is worked out when it is first read, so that
 * whoever shows a part of it pays for that part.
 */
export interface HouseholdResult {
  inputs: Inputs;
  prediction: Prediction;
  /** Largest first. */
  expenses: readonly Expense[];
  /** Undefined when the model holds nothing to explain itself with. */
  readonly explanation: Explanation | undefined;
  readonly sweeps: readonly Sweep[];
  readonly goal: GoalAnswer;
}

/** Another household, to compare with; its prediction is the present model's, whichever was live when it was kept. */
export interface ComparedHousehold extends Pick<HouseholdResult, 'inputs' | 'prediction'> {
  /** The version that was live when it was kept; undefined where nobody said. */
  keptWith: string | undefined;
}

/** @param goal the amount to reach; without it, one is proposed */
export function householdResult(model: Model, inputs: Inputs, goal: number | undefined): HouseholdResult {
  const prediction = model.predict(inputs);
  const expenses = expensesOf(model.manifest, inputs);
  const explanation = once(() => model.explain(inputs, prediction));
  // For whoever is short no single expense is the question, but what all of them come to.
  const sweeps = once(() =>
    prediction.remainder < 0 ? [] : sweepExpenses(model, inputs, prediction.remainder),
  );
  const sought = once(() => seekGoal(model, inputs, prediction, goal ?? proposeGoal(prediction, expenses)));
  return {
    inputs,
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
