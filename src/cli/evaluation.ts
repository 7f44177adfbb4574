import { type Accuracy, accuraciesOf } from '../dataset/accuracy.ts';
import type { FaultReport } from '../dataset/fault-report.ts';
import { type Judgement, judge, LEAST_ROWS, type Verdict, worstOf } from '../dataset/non-inferiority.ts';
import { type LabelledOptions, type LabelledTable, readLabelled } from '../dataset/read-labelled.ts';
import { AppError } from '../errors.ts';
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
/** An error over fewer rows would tell of one household. */
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
  accuracy: Accuracy;
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
  /** The rows that were left out. */
  faults: FaultReport;
}

/**
 * How near a model comes to known outcomes, beside another model and the simple rules that it must beat. The mean has no
 * margin: who is no better has learned nothing.
 *
 * @throws AppError `invalid` when there are fewer than ten rows; what `readLabelled` throws
 */
export async function evaluateModel(
  tables: readonly LabelledTable[],
  model: Model,
  other: Model | undefined,
  options: EvaluationOptions,
): Promise<Evaluated> {
  const models = other === undefined ? [model] : [model, other];
  const { examples, faults } = await readLabelled(tables, models, options);
  if (examples[0].rows < LEAST_BAND_ROWS)
    throw new AppError(
      'invalid',
      `Cannot evaluate: there are ${examples[0].rows} rows that count, and what fewer than ${LEAST_BAND_ROWS} say would tell of one household. Give more.`,
    );
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
    bands: bandsOfRows(edges, by).map(({ below, rows }) => {
      const { accuracies, maeDifferences } = accuraciesOf(truth, predicted, rows)!;
      return {
        below: Number.isFinite(below) ? below : null,
        rows: rows.length,
        accuracy: accuracies[0],
        ...(maeDifferences[0] && { maeDifference: maeDifferences[0] }),
      };
    }),
    verdict: worstOf(deciding.map(({ judgement }) => judgement.verdict)) ?? 'cannot tell',
  };
  return { evaluation, faults };
}

/**
 * The rows by band, each with its band's end. A band of too few rows counts with its neighbour: to leave it out would tell
 * as much, as the difference to the whole.
 *
 * @param edges rising; the last is Infinity
 */
function bandsOfRows(edges: readonly number[], by: Float64Array): { below: number; rows: number[] }[] {
  const bands: { below: number; rows: number[] }[] = [];
  for (const [e, below] of edges.entries()) {
    const from = edges[e - 1] ?? Number.NEGATIVE_INFINITY;
    bands.push({ below, rows: [...by.keys()].filter((row) => by[row] >= from && by[row] < below) });
    const isLast = e === edges.length - 1;
    const [before, last] = bands.slice(-2);
    if (last === undefined) continue;
    if (before.rows.length < LEAST_BAND_ROWS || (isLast && last.rows.length < LEAST_BAND_ROWS))
      bands.splice(-2, 2, { below, rows: before.rows.concat(last.rows) });
  }
  return bands;
}

/** Where four of five parts of the values end, each end once. */
function fifthsOf(values: Float64Array): number[] {
  const sorted = values.toSorted();
  const ends = [1, 2, 3, 4].map((fifth) => sorted[Math.floor((fifth * sorted.length) / 5)]);
  return [...new Set(ends), Number.POSITIVE_INFINITY];
}
