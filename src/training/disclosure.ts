import type { Examples } from '../dataset/examples.ts';
import type { Feature, Manifest } from '../model/manifest.ts';

/**
 * Statistical disclosure control (Hundepool et al. 2012, chapters 3 and 4): what an artifact tells of its rows when these
 * are people. Nothing in it may be one row's own value, or hang on a few extreme rows.
 */

/** A published value is told by at least so many rows together. */
export const LEAST_ROWS = 10;
/** The most extreme rows at either end, which no published value hangs on. */
const TRIMMED_ROWS = 5;

/** Shares of the rows that lie below the ends of a published range. */
const RANGE_ENDS = [0.005, 0.995] as const;
/** More digits of such a range would say nothing. */
const RANGE_DIGITS = 4;

/** Whether the rows can be people: all but those that were made up. What nobody said is taken for people. */
export function isPersonal({ kind }: Pick<Manifest['data'], 'kind'>): boolean {
  return kind !== 'synthetic';
}

/**
 * The mean of the ten values around a quantile, without the five at either end; of fewer than twenty values, of those in
 * the middle. Where ten rows have the same value, as with a 0, it is that value.
 *
 * @param sorted [rows] at least one
 * @param share of the values below it, from 0 to 1
 */
export function protectedQuantile(sorted: Float64Array, share: number): number {
  const trimmed = Math.min(TRIMMED_ROWS, Math.floor((sorted.length - 1) / 2));
  const taken = Math.min(LEAST_ROWS, sorted.length - 2 * trimmed);
  const last = sorted.length - trimmed - taken;
  const first = Math.min(Math.max(Math.round(share * sorted.length) - taken / 2, trimmed), last);
  const values = sorted.subarray(Math.floor(first), Math.floor(first) + taken);
  const mean = values[0] + values.reduce((sum, value) => sum + (value - values[0]), 0) / values.length;
  // Rounding may not put the mean of equal values beside them, nor any mean outside of its values.
  return Math.min(Math.max(mean, values[0]), values[values.length - 1]);
}

/** One feature's values, sorted. */
export function sortedValues({ rows, inputs }: Examples, feature: number): Float64Array {
  const features = inputs.length / rows;
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) values[row] = inputs[row * features + feature];
  return values.sort();
}

/**
 * The range that a manifest says of some values: the whole of made-up rows, all but the outermost of people.
 *
 * @param sorted [rows]
 * @param whole whether they are counts
 */
export function publishedRange(sorted: Float64Array, whole: boolean, personal: boolean): Feature['trained'] {
  const [low, high] = RANGE_ENDS;
  if (!personal) return { min: sorted[0], max: sorted[sorted.length - 1] };
  const end = (share: number) => {
    const value = protectedQuantile(sorted, share);
    return whole ? Math.round(value) : Number(value.toPrecision(RANGE_DIGITS));
  };
  return { min: end(low), max: end(high) };
}
