import type { TrainingData } from '../src/forest/train/training-data.ts';
import { below, randomFrom } from '../test/forest/random.ts';

export const FEATURES = 15;

/** What a household spends on each of eleven things, as a share of its income. */
const SHARES = [0.2, 0.03, 0.03, 0.12, 0.06, 0.03, 0.04, 0.05, 0.05, 0.06, 0.02];

const cents = (amount: number) => Math.round(amount * 100) / 100;

/** Seeded household budgets: [features][rows], and what is left of each income, with noise. */
export function households(rows: number, seed: number): TrainingData {
  const random = randomFrom(seed);
  const columns = Array.from({ length: FEATURES }, () => new Float64Array(rows));
  const target = new Float64Array(rows);
  const bell = () => (random() + random() + random() + random() - 2) * 1.7;
  for (let row = 0; row < rows; row++) {
    const income = cents(20_000 + random() * random() * 180_000);
    const age = 18 + below(random, 52);
    const dependents = below(random, 5);
    const tier = below(random, 3);
    const expenses = SHARES.map((share) => cents(Math.max(0, income * share * (1 + 0.35 * bell()))));
    [income, age, dependents, tier, ...expenses].forEach((value, column) => {
      columns[column][row] = value;
    });
    const spent = expenses.reduce((sum, expense) => sum + expense, 0);
    target[row] = cents(income - spent - dependents * 400 - (tier === 2 ? 1_500 : 0) + 500 * bell());
  }
  return { columns, target };
}

/** [rows, features], row after row, as predictions take them. */
export function rowsOf({ columns, target }: TrainingData): Float64Array {
  return Float64Array.from(
    { length: target.length * FEATURES },
    (_, i) => columns[i % FEATURES][Math.floor(i / FEATURES)],
  );
}
