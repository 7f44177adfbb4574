/** Shares of income between which the desired savings are drawn, by the income below which they hold. */
const BRACKETS = [
  { below: 40_000, low: 0.05, high: 0.1 },
  { below: 100_000, low: 0.1, high: 0.15 },
  { below: Number.POSITIVE_INFINITY, low: 0.15, high: 0.25 },
];

/**
 * The best that anything can predict (in squared error) for a synthetic household: the mean of
 * `max(0, min(rate, left) income)` for a rate uniform in [low, high] and `left` = (income - expenses) / income.
 *
 * For low < left < high it is `((left^2 - low^2) / 2 + left (high - left)) / (high - low)`: the integral of the rate
 * up to `left`, and `left` itself above.
 */
export function conditionalMean(income: number, expenses: number): number {
  const { low, high } = BRACKETS.find(({ below }) => income < below)!;
  const left = (income - expenses) / income;
  if (left <= low) return Math.max(0, left) * income;
  if (left >= high) return ((low + high) / 2) * income;
  return (((left ** 2 - low ** 2) / 2 + left * (high - left)) / (high - low)) * income;
}
