import type { Examples } from '../dataset/examples.ts';
import { scoresOf } from '../dataset/scores.ts';
import type { Feature } from '../model/manifest.ts';
import type { DescriptionFile } from './description/read-description.ts';
import { fitLinear } from './linear.ts';

/** A straight line that explains more than this share of the variance is no finding: it is how the target was made. */
const DETERMINED = 0.999;

/** @throws AppError `invalid` when the target follows from the inputs, so that there is nothing to learn */
export function checkNotDetermined(
  { refusal, isBuiltIn }: DescriptionFile,
  features: readonly Pick<Feature, 'choices'>[],
  fit: Examples,
  holdout: Examples,
): void {
  // Whoever has rows for the savings model has not chosen its inputs.
  if (isBuiltIn) return;
  const { r2 } = scoresOf(fitLinear(features, fit)(holdout), holdout.target, holdout.weights);
  if (r2 <= DETERMINED) return;
  const message = `follows from the inputs in a straight line (R2 above ${DETERMINED}): leave out the inputs that it is made of`;
  throw refusal([{ path: ['target'], message }]);
}
