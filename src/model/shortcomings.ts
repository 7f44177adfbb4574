import { fixed } from './fixed.ts';
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
  const figures = ({ mae, r2 }: Manifest['metrics']['model']) =>
    `${mae.toLocaleString('en', { maximumFractionDigits: 1 })} ${target.unit} (R2 ${fixed(r2, 3)})`;
  const against = (other: Manifest['metrics']['model']) =>
    `a mean absolute error of ${figures(model)} against ${figures(other)}`;
  const shortcomings: string[] = [];
  if (model.mae >= mean.mae || model.rmse >= mean.rmse)
    shortcomings.push(`it is no better than always answering the mean: ${against(mean)}`);
  if (model.mae - linear.mae > leeway(metrics, trainer.holdoutRows))
    shortcomings.push(`it is worse than a linear regression on the same inputs: ${against(linear)}`);
  if (shortcomings.length === 0 && trainer.options[ACCEPTED_WORSE] === true)
    shortcomings.push('it was made with --accept-worse, and its model card says why it should not have been');
  return shortcomings;
}

/**
 * How far a model's mean absolute error may be above the regression's: as far as could be chance (at 95 %), if the two
 * errors were independent. On the same rows they seldom are, which narrows it, but scores do not tell.
 */
function leeway({ model, linear, mean }: Manifest['metrics'], rows: number): number {
  const varianceOf = ({ mae, rmse }: Manifest['metrics']['model']) => Math.max(0, rmse ** 2 - mae ** 2);
  const chance = Z_95 * Math.sqrt((varianceOf(model) + varianceOf(linear)) / Math.max(1, rows));
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
