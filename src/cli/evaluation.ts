import { type Accuracies, type Accuracy, accuraciesOf } from '../dataset/accuracy.ts';
import { type Judgement, judge, LEAST_ROWS, type Verdict, worstOf } from '../dataset/non-inferiority.ts';
import { type LabelledOptions, type LabelledTable, readLabelled } from '../dataset/read-labelled.ts';
import type { Model } from '../model/model.ts';
import { type BaselineAnswers, crossFittedBaselines } from '../training/baselines.ts';
import { roundingSlack } from '../training/calibrate.ts';
import { evaluate, type Evaluation as Predicted } from '../training/evaluate.ts';

export const BASELINES = ['mean', 'linear', 'brackets'] as const;
export type Baseline = (typeof BASELINES)[number];
/** What a sentence calls them. */
export const BASELINE_NAMES: Readonly<Record<Baseline, string>> = {
  mean: 'the mean',
  linear: 'a linear regression',
  brackets: 'rates by income',
};
/** Rates by income are told and decide nothing: where they are all that the data holds, a forest can't but come close. */
export const DECIDING = ['mean', 'linear'] as const;
/** An error over fewer rows would tell what one household's outcome is. */
const LEAST_BAND_ROWS = 10;

/** A model, or a rule, that the evaluated model is held against. */
export interface Opponent {
  accuracy: Accuracy;
  judgement: Judgement;
}

export interface Band {
  /** The band's upper end, which it does not hold; null for the last. */
  below: number | null;
  rows: number;
  /** Null where there are too few rows to tell. */
  accuracy: Accuracy | null;
  /** The model's mean absolute error less the other's, where there is another. */
  maeDifference?: Estimate;
}

type Estimate = Accuracy['mae'];

/** What `savings evaluate` found; amounts in the target's unit. */
export interface Evaluation {
  rows: number;
  /** So many rows of equal weight would say as much. */
  effectiveRows: number;
  /** Bad rows. */
  leftOut: number;
  accuracy: Accuracy;
  against: Opponent | null;
  baselines: Partial<Record<Baseline, Opponent>>;
  /** What the bands are of. */
  bandsOf: 'income' | 'target';
  bands: Band[];
  /** Against the other model; without one, the worse of those against the mean and the linear regression. */
  verdict: Verdict;
}

export interface EvaluationOptions extends LabelledOptions {
  /** By how much a model may be worse, as a share of the other's mean absolute error. */
  margin: number;
}

export interface Evaluated {
  evaluation: Evaluation;
  /** One line for each row that was left out. */
  faults: string;
}

/**
 * How near a model comes to known outcomes, beside another model and the simple rules that it must beat. The mean has no
 * margin: who is no better has learned nothing.
 *
 * @throws AppError what `readLabelled` throws
 */
export async function evaluateModel(
  tables: readonly LabelledTable[],
  model: Model,
  other: Model | undefined,
  options: EvaluationOptions,
): Promise<Evaluated> {
  const models = other === undefined ? [model] : [model, other];
  const { examples, faults } = await readLabelled(tables, models, options);
  const predicted: Predicted[] = [];
  for (const [m, of] of models.entries()) predicted.push(await evaluate(of, examples[m], 'scores', {}));
  const truth = {
    target: examples[0].target,
    weights: examples[0].weights,
    slack: roundingSlack(model.manifest),
  };
  const rules: Partial<BaselineAnswers> =
    examples[0].rows < LEAST_ROWS ? {} : crossFittedBaselines(model.manifest, examples[0]);
  const names = BASELINES.filter((name) => rules[name] !== undefined);
  const all = accuraciesOf(truth, [...predicted, ...names.map((name) => ({ amount: rules[name]! }))])!;
  const opponent = (at: number, margin: number): Opponent => {
    const accuracy = all.accuracies[at];
    return { accuracy, judgement: judge(all.maeDifferences[at - 1], margin * accuracy.mae.value, all) };
  };
  const against = other === undefined ? null : opponent(1, options.margin);
  const baselines: Evaluation['baselines'] = Object.fromEntries(
    names.map((name, n) => [name, opponent(models.length + n, name === 'mean' ? 0 : options.margin)]),
  );
  const deciding = against === null ? DECIDING.flatMap((name) => baselines[name] ?? []) : [against];
  const bandsOf = model.income === undefined ? 'target' : 'income';
  const edges =
    bandsOf === 'income'
      ? model.manifest.interval.bands.map(({ below }) => below ?? Number.POSITIVE_INFINITY)
      : fifthsOf(truth.target);
  const by = bandsOf === 'income' ? predicted[0].income : truth.target;
  const evaluation: Evaluation = {
    rows: all.rows,
    effectiveRows: all.effectiveRows,
    leftOut: faults.count,
    accuracy: all.accuracies[0],
    against,
    baselines,
    bandsOf,
    bands: bandsIn(edges, by, (rows) => accuraciesOf(truth, predicted, rows)),
    verdict: worstOf(deciding.map(({ judgement }) => judgement.verdict)) ?? 'cannot tell',
  };
  return { evaluation, faults: faults.toString() };
}

/** Bands without rows are left out. @param edges rising; the last is Infinity */
function bandsIn(
  edges: readonly number[],
  by: Float64Array,
  measure: (rows: number[]) => Accuracies | undefined,
): Band[] {
  return edges.flatMap((below, e) => {
    const from = edges[e - 1] ?? Number.NEGATIVE_INFINITY;
    const rows = [...by.keys()].filter((row) => by[row] >= from && by[row] < below);
    const measured = measure(rows);
    if (measured === undefined) return [];
    const [maeDifference] = measured.maeDifferences;
    const isEnough = measured.rows >= LEAST_BAND_ROWS;
    return [
      {
        below: Number.isFinite(below) ? below : null,
        rows: measured.rows,
        accuracy: isEnough ? measured.accuracies[0] : null,
        ...(maeDifference && isEnough && { maeDifference }),
      },
    ];
  });
}

/** Where four of five parts of the values end, each end once. */
function fifthsOf(values: Float64Array): number[] {
  const sorted = values.toSorted();
  const ends = [1, 2, 3, 4].map((fifth) => sorted[Math.floor((fifth * sorted.length) / 5)]);
  return [...new Set(ends), Number.POSITIVE_INFINITY];
}
