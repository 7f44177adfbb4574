import { meanOf } from '../dataset/scores.ts';
import type { Manifest } from '../model/manifest.ts';
import { shortcomingsOf, worseError } from '../model/shortcomings.ts';
import type { Evaluation } from './evaluate.ts';

/** A forest of which a larger share of predictions lies outside of what the target can be predicts something else. */
const MOST = 0.5;

/**
 * Refuses a forest that should not be served: for its scores, or since most of its predictions lie where no target can,
 * which the clamp hides from the scores.
 *
 * @param measured the manifest with its scores
 * @param evaluation of the rows that the scores are of
 * @returns the shortcomings that were accepted; mostly none
 * @throws AppError `invalid` with the figures and the likely cause
 */
export function checkWorth(measured: Manifest, evaluation: Evaluation, acceptWorse: boolean): string[] {
  const outside = shareOutside(evaluation, measured.metrics.mean.mae);
  const shortcomings = shortcomingsOf(measured);
  if (outside > MOST)
    shortcomings.push(
      `${Math.round(100 * outside)} of 100 of its answers lie outside of what the target can be, by more than targets differ from their mean`,
    );
  if (shortcomings.length === 0 || acceptWorse) return shortcomings;
  throw worseError(`make version ${measured.version}`, shortcomings, adviceFor(measured, outside));
}

/**
 * Share of the predictions that the clamp moved by more than `tolerance`. A forest whose target often is the clamp's very
 * end errs a little beyond it half of the time, and nothing is wrong with it.
 */
function shareOutside({ amount, unclamped }: Evaluation, tolerance: number): number {
  return meanOf(amount.map((held, i) => (Math.abs(unclamped[i] - held) > tolerance ? 1 : 0)));
}

function adviceFor({ metrics, target, features }: Manifest, outside: number): string {
  const { transform, column } = target;
  if (outside > MOST && transform !== 'identity') {
    const by = features.find(({ name }) => name === transform.multiplyBy)!.column;
    return `The forest seems to answer amounts, and the manifest multiplies its answers by ${by}: train it on ${column} / ${by}, or let the manifest's transform be "identity".`;
  }
  if (outside > MOST) return 'The forest seems to answer in another unit than the target has.';
  if (metrics.model.mae >= metrics.mean.mae || metrics.model.rmse >= metrics.mean.rmse)
    return `Check that the column ${column} holds what is to be predicted, and, of a forest from elsewhere, its target and the order of its columns.`;
  return 'More rows, or more and deeper trees, bring it nearer; where a target follows its inputs in a straight line, no forest does better.';
}
