import { Random } from './synthetic/random.ts';

/** A figure with the ends of its 95 % confidence interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** More rows than these are resampled in as many groups, drawn at random: the interval is the same, the time is bounded. */
const MOST_GROUPS = 4096;
const RESAMPLES = 2000;
const SEED = 1;
/** What lies beyond each end of an interval, as a share of the resamples. */
const TAIL = 0.025;

/**
 * Sums of some quantities over rows, kept so that they can be resampled. Which group a row counts in depends on how many
 * came before it alone, so that it makes no difference in which pieces rows come; and it is scattered, or groups of rows
 * that come sorted would be more alike than chance makes them.
 */
export class GroupedSums {
  readonly width: number;
  readonly groups: number;
  readonly #isScattered: boolean;
  /** [groups, width] */
  readonly #sums: Float64Array;
  #rows = 0;

  /**
   * @param width number of quantities of a row
   * @param rows how many will be added
   */
  constructor(width: number, rows: number) {
    this.width = width;
    this.groups = Math.min(rows, MOST_GROUPS);
    this.#isScattered = rows > MOST_GROUPS;
    this.#sums = new Float64Array(this.groups * width);
  }

  /** @param quantities [width] of one row, weighted already */
  add(quantities: Float64Array): void {
    const row = this.#rows++;
    const at = (this.#isScattered ? scattered(row) % this.groups : row) * this.width;
    for (let q = 0; q < this.width; q++) this.#sums[at + q] += quantities[q];
  }

  /** [width], over all rows. */
  total(): Float64Array {
    const total = new Float64Array(this.width);
    for (let group = 0; group < this.groups; group++) this.#addTo(total, group);
    return total;
  }

  /** [width], over as many groups as there are, drawn with replacement. */
  resampled(random: Random): Float64Array {
    const sums = new Float64Array(this.width);
    for (let draw = this.groups; draw > 0; draw--) this.#addTo(sums, random.integer(0, this.groups - 1));
    return sums;
  }

  #addTo(sums: Float64Array, group: number): void {
    const at = group * this.width;
    for (let q = 0; q < this.width; q++) sums[q] += this.#sums[at + q];
  }
}

/** What is computed of the sums, [width]. */
export interface Figure {
  of(sums: Float64Array): number;
  /** Of a mean that decides something: its interval is then the studentized one, which skewed rows mislead less. */
  standardError?(sums: Float64Array): number;
}

/**
 * Figures with 95 % intervals of a bootstrap of the rows: percentile intervals, and bootstrap-t for figures that know
 * their standard error (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 12 and 13). All are of the
 * same resamples. A seed decides what is drawn.
 *
 * @param sums of at least one row
 */
export function estimate(sums: GroupedSums, figures: readonly Figure[], seed = SEED): Estimate[] {
  const random = new Random(seed);
  const drawn = figures.map(() => new Float64Array(RESAMPLES));
  const errors = figures.map(() => new Float64Array(RESAMPLES));
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const resampled = sums.resampled(random);
    for (const [f, figure] of figures.entries()) {
      drawn[f][resample] = figure.of(resampled);
      errors[f][resample] = figure.standardError?.(resampled) ?? 0;
    }
  }
  const total = sums.total();
  return figures.map((figure, f) => {
    const value = figure.of(total);
    const error = figure.standardError?.(total);
    if (error === undefined) return { value, ...middleOf(drawn[f]) };
    // Resamples without any of a few rows that matter have no spread of their own.
    const least = errors[f].reduce((low, e) => (e > 0 && e < low ? e : low), Number.POSITIVE_INFINITY);
    const t = middleOf(drawn[f].map((figure, i) => (figure - value) / Math.max(errors[f][i], least)));
    return error === 0
      ? { value, low: value, high: value }
      : { value, low: value - t.high * error, high: value - t.low * error };
  });
}

/** Between what do 95 of 100 lie. */
function middleOf(drawn: Float64Array): { low: number; high: number } {
  const sorted = drawn.toSorted();
  const beyond = Math.floor(TAIL * RESAMPLES);
  return { low: sorted[beyond], high: sorted[RESAMPLES - 1 - beyond] };
}

/** A number from 0 to 2^32 - 1 that tells nothing of its neighbours' (the last step of MurmurHash3). */
function scattered(row: number): number {
  let hash = row | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
