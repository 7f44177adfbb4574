import type { Registry } from 'prom-client';
import type { Manifest } from '../model/manifest.ts';
import { type Distribution, LabelledCounter, LabelledHistogram } from './counters.ts';

/** What became of a prediction that the shadow was to make too. */
export type ShadowResult = 'compared' | 'dropped' | 'refused' | 'not_ready';

const RESULTS: readonly ShadowResult[] = ['compared', 'dropped', 'refused', 'not_ready'];
/** Shares of income: from rounding to what a person would call another prediction. */
const RATIOS = [0, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5];

/** How far the challenger's predictions are from the champion's. */
export class ShadowMetrics {
  readonly #results: LabelledCounter<'result'>;
  readonly #differences: LabelledHistogram<'income_below'>;
  readonly #amounts: Distribution;

  /** @param amounts the challenger's series of savings_predicted_amount */
  constructor(registry: Registry, amounts: Distribution) {
    this.#results = new LabelledCounter(
      registry,
      'savings_shadow_predictions_total',
      'Predictions for the shadow to make too; dropped: its queue was full, refused: it does not take these inputs.',
      ['result'],
    );
    this.#differences = new LabelledHistogram(
      registry,
      'savings_shadow_difference_ratio',
      "Distance of the challenger's answer from the champion's as a share of income, by the champion's income bands.",
      ['income_below'],
      RATIOS,
    );
    this.#amounts = amounts;
    for (const result of RESULTS) this.#results.child({ result });
  }

  count(result: ShadowResult, rows: number): void {
    this.#results.child({ result }).value += rows;
  }

  /** @param amount the challenger's */
  /** Without an income a difference is a share of the champion's prediction. */
  compared(champion: Manifest, income: number, championAmount: number, amount: number): void {
    const { bands } = champion.interval;
    const band = bands.find(({ below }) => below === null || income < below) ?? bands.at(-1)!;
    const incomeBelow = band.below === null ? '+Inf' : String(band.below);
    this.#differences
      .child({ income_below: incomeBelow })
      .observe(Math.abs(amount - championAmount) / (income || Math.abs(championAmount) || 1));
    this.#amounts.observe(amount);
    this.count('compared', 1);
  }

  /** Figures of another pair of models say nothing about this one, and their bands are no longer filled. */
  restart(): void {
    this.#differences.forget({});
  }
}
