import { decimalsFor, fixed } from './fixed.ts';
import { AppError } from '../errors.ts';
import type { Manifest } from './manifest.ts';

/** The key, among the trainer's options, of a model that somebody accepted with all its shortcomings. */
export const ACCEPTED_WORSE = 'acceptedWorse';

/** The 97.5 % quantile of the normal distribution, which the difference of two means over many rows follows. */
const Z_95 = 1.959964;
/** A share of the mean's error: less than it is rounding, where a model and the regression both hit everything. */
const ROUNDING = 0.001;

/**
 * What a model's own scores hold against it, as sentences about "it": that it is no better than always answering the
 * mean, or worse than the linear regression that it was compared to. No manifest is refused for these by whoever serves
 * it: whether a model should be served is a person's decision, before.
 */
export function shortcomingsOf({ metrics, trainer, target }: Manifest): string[] {
  const { model, mean, linear } = metrics;
  const against = (other: Scores) => comparison(model, other, target.unit);
  const shortcomings: string[] = [];
  if (model.mae >= mean.mae || model.rmse >= mean.rmse)
    shortcomings.push(`it is no better than always answering the mean: ${against(mean)}`);
  if (model.mae - linear.mae > leeway(metrics, linear, trainer.holdoutRows))
    shortcomings.push(`it is worse than a linear regression on the same inputs: ${against(linear)}`);
  if (shortcomings.length === 0 && trainer.options[ACCEPTED_WORSE] === true)
    shortcomings.push('it was made with --accept-worse, and its model card says why it should not have been');
  return shortcomings;
}

/** What the baseline of brackets is called. */
export function bracketsName(target: Manifest['target']): string {
  return `${ratesOf(target)} by income bracket${target.clamp === undefined ? '' : ', capped'}`;
}

/** What a bracket holds. */
export function ratesOf({ transform }: Manifest['target']): 'amounts' | 'rates' {
  return transform === 'identity' ? 'amounts' : 'rates';
}

/**
 * A sentence that says so when a model is no better than the best few rates by income; undefined when it is better by
 * more than could be chance, and when nobody measured. It is no shortcoming: where such rates are all that the data
 * holds, a forest that finds them has learned all there is.
 */
export function noBetterThanBrackets(manifest: Pick<Manifest, Scored>): string | undefined {
  const { metrics, target } = manifest;
  const against = againstBrackets(manifest);
  if (metrics.brackets === undefined || against === 'better' || against === undefined) return undefined;
  const found = against === 'worse' ? 'It is no better than' : 'It is about as good as';
  return `${found} ${bracketsName(target)}: ${comparison(metrics.model, metrics.brackets, target.unit)}.`;
}

/**
 * How a model does against the best few rates by income; undefined where nobody measured. `steps`: as well, where a
 * straight line does worse, so that it is the steps of income that count.
 */
export function againstBrackets({
  metrics,
  trainer,
}: Pick<Manifest, 'metrics' | 'trainer'>): 'better' | 'steps' | 'alike' | 'worse' | undefined {
  const { model, brackets, linear } = metrics;
  if (brackets === undefined) return undefined;
  const chance = leeway(metrics, brackets, trainer.holdoutRows);
  const worseBy = model.mae - brackets.mae;
  if (worseBy < -chance) return 'better';
  if (worseBy > chance) return 'worse';
  return linear.mae - brackets.mae > chance ? 'steps' : 'alike';
}

type Scored = 'metrics' | 'trainer' | 'target';
type Scores = Manifest['metrics']['model'];

function comparison(model: Scores, other: Scores, unit: string): string {
  const figures = ({ mae, r2 }: Scores) =>
    `${mae.toLocaleString('en', { maximumFractionDigits: Math.max(1, decimalsFor(model.mae)) })} ${unit} (R2 ${fixed(r2, 3)})`;
  return `a mean absolute error of ${figures(model)} against ${figures(other)}`;
}

/**
 * How far a model's mean absolute error may be above another's: as far as could be chance (at 95 %), if the two errors
 * were independent. On the same rows they seldom are, which narrows it, but scores do not tell.
 */
function leeway({ model, mean }: Manifest['metrics'], other: Scores, rows: number): number {
  const varianceOf = ({ mae, rmse }: Scores) => Math.max(0, rmse ** 2 - mae ** 2);
  const chance = Z_95 * Math.sqrt((varianceOf(model) + varianceOf(other)) / Math.max(1, rows));
  return chance + ROUNDING * mean.mae;
}

/**
 * @param failed what could not be done, such as `publish version 2`
 * @param advice sentences, or nothing
 */
export function worseError(failed: string, shortcomings: readonly string[], advice = ''): AppError {
  const told = `Cannot ${failed}: ${shortcomings.join('; ')}.${advice && ` ${advice}`}`;
  return new AppError('invalid', `${told} To take it all the same, add --accept-worse.`);
}
