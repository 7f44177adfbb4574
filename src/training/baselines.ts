import { type Examples, takeExamples } from '../dataset/examples.ts';
import { meanOf } from '../dataset/scores.ts';
import { Random } from '../dataset/synthetic/random.ts';
import type { Manifest } from '../model/manifest.ts';
import { fitBrackets, predictBrackets } from './brackets.ts';
import { roundingSlack } from './calibrate.ts';
import { fitLinear } from './linear.ts';

const FOLDS = 5;
const SEED = 1;

type Description = Pick<Manifest, 'features' | 'derived' | 'encoding' | 'target'>;

/** What the simple rules that a model must beat answer for some rows; [rows] each, in the target's unit. */
export interface BaselineAnswers {
  mean: Float64Array;
  linear: Float64Array;
  /** Absent where there is no income. */
  brackets?: Float64Array;
}

/** @returns answers other rows */
export function fitBaselines(description: Description, fit: Examples): (rows: Examples) => BaselineAnswers {
  const mean = meanOf(fit.target, fit.weights);
  const linear = fitLinear(description.features, fit);
  const hasIncome = description.features.some(({ role }) => role === 'income');
  const brackets = hasIncome ? fitBrackets(description, fit, roundingSlack(description)) : undefined;
  return (examples) => ({
    mean: new Float64Array(examples.rows).fill(mean),
    linear: linear(examples),
    ...(brackets && { brackets: predictBrackets(brackets, description, examples) }),
  });
}

/**
 * The baselines for rows of later. A manifest keeps their scores and not the rules themselves, so these are fitted anew,
 * on four fifths of the rows for each remaining fifth (cross-validation, Stone 1974): no row is answered by a rule that
 * has seen it.
 *
 * @param examples at least one row a fold
 */
export function crossFittedBaselines(description: Description, examples: Examples): BaselineAnswers {
  const order = new Random(SEED).shuffle(Int32Array.from({ length: examples.rows }, (_, row) => row));
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const held = order.filter((_, i) => i % FOLDS === fold);
    const others = order.filter((_, i) => i % FOLDS !== fold);
    const answer = fitBaselines(description, takeExamples(examples, others));
    return { held, answers: answer(takeExamples(examples, held)) };
  });
  const joined = (name: keyof BaselineAnswers) => {
    const values = new Float64Array(examples.rows);
    for (const { held, answers } of folds)
      for (const [i, row] of held.entries()) values[row] = answers[name]![i];
    return values;
  };
  return {
    mean: joined('mean'),
    linear: joined('linear'),
    ...(folds[0].answers.brackets && { brackets: joined('brackets') }),
  };
}
