import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import { meanOf, type Scores, scoresOf, standardDeviationOf } from './scores.ts';

/** How far two models are apart on rows that both accept; amounts in the target's unit. */
export interface Difference {
  rows: number;
  /** Rows on which the two predict different amounts at all. */
  differing: number;
  /** Mean of b's amount less a's. */
  mean: number;
  meanAbsolute: number;
  /** 95 of 100 rows differ by no more. */
  percentile95: number;
  largest: number;
  /** Mean of |b - a| / income. */
  meanShareOfIncome: number;
}

export interface BandDifference extends Difference {
  /** The band's upper end, which it does not hold; null for the last. */
  below: number | null;
}

/** Which of two models is nearer to outcomes that are known. */
export interface Verdict {
  a: Scores;
  b: Scores;
  /** b's mean absolute error less a's, with the ends of its 95 % confidence interval: below 0, b is nearer. */
  maeDifference: number;
  low: number;
  high: number;
  better: 'a' | 'b' | 'unclear';
}

interface Row {
  income: number;
  a: number;
  b: number;
  truth: number;
}

/** The 97.5 % quantile of the normal distribution, which a mean over many rows follows. */
const Z_95 = 1.959964;

/** Collects two models' predictions for the same rows. */
export class ModelDifference {
  readonly #rows: Row[] = [];

  /** @param truth the known outcome, or NaN where there is none */
  add(a: Pick<Prediction, 'amount' | 'income'>, b: Pick<Prediction, 'amount'>, truth = Number.NaN): void {
    this.#rows.push({ income: a.income, a: a.amount, b: b.amount, truth });
  }

  /** Undefined without rows. */
  overall(): Difference | undefined {
    return this.#rows.length === 0 ? undefined : differenceOf(this.#rows);
  }

  /** The difference in each of the income bands of `model`'s interval; bands without rows are left out. */
  byBand({ manifest }: Pick<Model, 'manifest'>): BandDifference[] {
    let from = Number.NEGATIVE_INFINITY;
    return manifest.interval.bands.flatMap(({ below }) => {
      const to = below ?? Number.POSITIVE_INFINITY;
      const rows = this.#rows.filter(({ income }) => income >= from && income < to);
      from = to;
      return rows.length === 0 ? [] : [{ below, ...differenceOf(rows) }];
    });
  }

  /**
   * Undefined without outcomes, or with a single one. The two models predict the same rows, so their errors are
   * compared row by row: a paired comparison, whose interval is far narrower than the two scores' own.
   */
  verdict(): Verdict | undefined {
    const rows = this.#rows.filter(({ truth }) => !Number.isNaN(truth));
    if (rows.length < 2) return undefined;
    const column = (of: (row: Row) => number) => Float64Array.from(rows, of);
    const truth = column((row) => row.truth);
    const gaps = column((row) => Math.abs(row.b - row.truth) - Math.abs(row.a - row.truth));
    const maeDifference = meanOf(gaps);
    const half = (Z_95 * standardDeviationOf(gaps)) / Math.sqrt(rows.length);
    const [low, high] = [maeDifference - half, maeDifference + half];
    return {
      a: scoresOf(
        column((row) => row.a),
        truth,
      ),
      b: scoresOf(
        column((row) => row.b),
        truth,
      ),
      maeDifference,
      low,
      high,
      better: high < 0 ? 'b' : low > 0 ? 'a' : 'unclear',
    };
  }
}

function differenceOf(rows: readonly Row[]): Difference {
  const gaps = Float64Array.from(rows, ({ a, b }) => b - a);
  const sizes = gaps.map(Math.abs);
  const sorted = sizes.toSorted();
  return {
    rows: rows.length,
    differing: sizes.filter((size) => size > 0).length,
    mean: meanOf(gaps),
    meanAbsolute: meanOf(sizes),
    percentile95: sorted[Math.ceil(0.95 * rows.length) - 1],
    largest: sorted[rows.length - 1],
    meanShareOfIncome: meanOf(
      Float64Array.from(rows, ({ income, a, b }) => (income === 0 ? 0 : Math.abs(b - a) / income)),
    ),
  };
}
