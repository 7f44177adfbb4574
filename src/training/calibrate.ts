import type { Examples } from '../dataset/examples.ts';
import type { Evaluator } from '../forest/predict.ts';
import type { Manifest } from '../model/manifest.ts';
import { Model } from '../model/model.ts';
import type { Parts } from './build-artifact.ts';
import { evaluate } from './evaluate.ts';
import { conformalBands, incomeEdges, MIN_BAND_ROWS, reachNeeded } from './interval.ts';
import type { Progress, ProgressHooks } from './progress.ts';

/**
 * How far intervals reach, by bands of income. The bands are settled before the rows that say how far are looked at.
 *
 * @param draft a manifest whose interval reaches endlessly, so that predictions show the clamp's ends
 */
export async function calibrate(
  draft: Manifest,
  evaluator: Evaluator,
  { fit, calibration }: Parts,
  hooks: ProgressHooks,
): Promise<Manifest['interval']['bands']> {
  const { coverage, method } = draft.interval;
  const scored = (examples: Examples, phase: Progress['phase']) =>
    nonconformity(draft, evaluator, examples, phase, hooks);
  const [forBands, forWidths] =
    method === 'split-conformal'
      ? [await scored(fit, 'bands'), await scored(calibration, 'calibration')]
      : dealt(await scored(calibration, 'calibration'));
  const edges = forBands === undefined ? [] : incomeEdges(forBands.income, forBands.residuals, coverage);
  return conformalBands(edges, forWidths.income, forWidths.residuals, coverage, forWidths.weights).map(
    (band) => ({
      ...band,
      measuredCoverage: 0,
      rows: 0,
    }),
  );
}

interface Nonconformity {
  /** [rows] */
  income: Float64Array;
  /** [rows] in the forest's unit */
  residuals: Float64Array;
  /** [rows] */
  weights: Float64Array | undefined;
}

async function nonconformity(
  draft: Manifest,
  evaluator: Evaluator,
  examples: Examples,
  phase: Progress['phase'],
  hooks: ProgressHooks,
): Promise<Nonconformity> {
  const unbounded = new Model(draft, '', evaluator);
  const slack = roundingSlack(draft);
  const evaluation = await evaluate(unbounded, examples, phase, hooks);
  const around =
    draft.interval.method === 'split-conformal'
      ? { low: evaluation.unclamped, high: evaluation.unclamped }
      : await evaluate(new Model(withoutReach(draft), '', evaluator), examples, phase, hooks);
  const residuals = reachNeeded(evaluation, around, examples.target, slack);
  const { transform } = draft.target;
  if (transform !== 'identity') {
    const { features } = unbounded.inputs;
    const at = features.findIndex(({ name }) => name === transform.multiplyBy);
    for (let i = 0; i < residuals.length; i++) residuals[i] /= examples.inputs[i * features.length + at];
  }
  return { income: evaluation.income, residuals, weights: examples.weights };
}

/** Its intervals are the forest's own quantiles, as they are. */
function withoutReach(draft: Manifest): Manifest {
  const { clamp: _, ...target } = draft.target;
  const bands = draft.interval.bands.map((band) => ({ ...band, quantile: 0 }));
  return { ...draft, target, interval: { ...draft.interval, bands } };
}

/**
 * Quantiles fit the rows that they were taken from too evenly for bands to show there, so half of the calibration rows, which
 * come in random order, look for them; where these would be too few for two bands there are none.
 */
function dealt(scores: Nonconformity): [Nonconformity | undefined, Nonconformity] {
  const half = scores.income.length >> 1;
  if (half < 2 * MIN_BAND_ROWS) return [undefined, scores];
  const part = (from: number, to?: number): Nonconformity => ({
    income: scores.income.subarray(from, to),
    residuals: scores.residuals.subarray(from, to),
    weights: scores.weights?.subarray(from, to),
  });
  return [part(0, half), part(half)];
}

/** Files hold amounts with two decimals, so what is left over of them can be off by half of the last for each. */
export function roundingSlack({ features }: Pick<Manifest, 'features'>): number {
  const amounts = features.filter(({ role }) => role !== 'other').length;
  // Without any, nobody knows what the target is, or how it was rounded.
  return amounts === 0 ? 0 : 0.005 * (amounts + 1);
}
