import type { ColumnProfile } from '../../dataset/column-profile.ts';

/** What a number field accepts and where it starts. */
export interface Range {
  min: number;
  max: number;
  step: number;
  default: number;
}

export interface RangeKind {
  /** Whether it is a count. */
  whole: boolean;
  /** Whether something is divided by it. */
  divides: boolean;
  /** Whether it is an income or expense. */
  isAmount: boolean;
}

/** The share of rows at either end, and one row at least, whose values may be their own alone, or mistakes. */
const TAIL = 0.005;
/**
 * How far beyond such a value a range goes, since those who come later differ from those who were asked. Amounts have long
 * tails, and whoever is far out in one is warned, not turned away; an age or a share has an end somewhere.
 */
const BEYOND = { amount: 5, other: 1.5 };
/** A count, such as of children, goes at least so far beyond: half more of 2 is too little. */
const FEW = 3;
/** Ends of ranges, times a power of ten: figures that people read at a glance. */
const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
/** Steps between the ends that are enough for any slider, as a power of ten. */
const STEP_DIGITS = 3;

/**
 * A range around the bulk of a column's values, rounded outwards, so that neither a single row nor a mistyped one sets its
 * ends. Amounts that are never below 0 begin at 0, or at the step where something is divided by them.
 *
 * @param profile of a column with numbers
 */
export function rangeOf(profile: ColumnProfile, { whole, divides, isAmount }: RangeKind): Range {
  const { sorted } = profile;
  const beyond = isAmount ? BEYOND.amount : BEYOND.other;
  const last = sorted.length - 1;
  const tail = Math.min(Math.floor(last / 2), Math.max(1, Math.floor(TAIL * sorted.length)));
  const [low, high, median] = [sorted[tail]!, sorted[last - tail]!, sorted[Math.ceil(last / 2)]!];
  const max =
    high > 0
      ? roundedUp(Math.max(beyond * high, whole ? high + FEW : 0))
      : profile.max > 0
        ? roundedUp(profile.max)
        : 0;
  const least = low < 0 ? -roundedUp(-beyond * low) : 0;
  const step = whole
    ? 1
    : Math.min(1, 10 ** (Math.floor(Math.log10(Math.max(max - least, 1e-3))) - STEP_DIGITS));
  const min = divides ? step : least;

  const middle = Number((Math.round(median / step) * step).toPrecision(12));
  const end = Math.max(max, min + step);
  return { min, max: end, step, default: Math.min(end, Math.max(min, middle)) };
}

/** The next round figure from a positive one on. */
export function roundedUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  const digits = ROUND.find((digit) => digit * unit >= value * (1 - 1e-12)) ?? 10;
  return Number((digits * unit).toPrecision(12));
}
