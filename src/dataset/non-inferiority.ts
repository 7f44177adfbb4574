import type { Estimate } from './bootstrap.ts';

export const VERDICTS = ['better', 'not worse', 'cannot tell', 'worse'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Whether a model may take another's place, by their errors on the same rows. */
export interface Judgement {
  verdict: Verdict;
  /** The model's mean absolute error less the other's, in the target's unit: below 0, the model is nearer. */
  maeDifference: Estimate;
  /** By how much the model may be worse, in the target's unit. */
  margin: number;
  /** How many such rows would tell, where these cannot; null where no number would. */
  rowsNeeded?: number | null;
}

/** Fewer rows than these say nothing: what a bootstrap gives of them is too narrow. */
export const LEAST_ROWS = 100;
/** Nobody will ever gather more. */
const MOST_ROWS = 1e10;

/**
 * A test of non-inferiority: the model is no worse when the whole 95 % interval of the paired difference lies within the
 * margin, worse when the whole of it lies beyond, and otherwise nobody can tell. Each of the verdicts is wrong in at most
 * 5 of 100 cases, as the tests simulate (2.5 by the interval, and what few rows with heavy tails add).
 *
 * @param effectiveRows as many rows of equal weight would say as much
 */
export function judge(
  maeDifference: Estimate,
  margin: number,
  { rows, effectiveRows }: { rows: number; effectiveRows: number },
): Judgement {
  const { value, low, high } = maeDifference;
  const told = { maeDifference, margin };
  const enough = effectiveRows >= LEAST_ROWS;
  if (enough && high < 0) return { ...told, verdict: 'better' };
  if (enough && high <= margin) return { ...told, verdict: 'not worse' };
  if (enough && low > margin) return { ...told, verdict: 'worse' };
  // An interval narrows with the root of the number of rows.
  const half = value < margin ? high - value : value - low;
  const byWidth = half === 0 ? 0 : (half / Math.abs(margin - value)) ** 2;
  const needed = Math.ceil(rows * Math.max(byWidth, LEAST_ROWS / effectiveRows));
  return { ...told, verdict: 'cannot tell', rowsNeeded: needed < MOST_ROWS ? needed : null };
}

/** The one that counts of several: the worst; undefined of none. */
export function worstOf(verdicts: readonly Verdict[]): Verdict | undefined {
  return VERDICTS[Math.max(...verdicts.map((verdict) => VERDICTS.indexOf(verdict)))];
}
