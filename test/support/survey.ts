import { Random } from '../../src/dataset/synthetic/random.ts';

/** A description of a survey that is none of ours, which leaves all it can to the data. */
export const SURVEY = {
  name: 'town-survey',
  currency: 'GBP',
  period: 'week',
  features: [
    { name: 'income', column: 'Net income', role: 'income', kind: 'number' },
    { name: 'rent', column: 'Rent', role: 'expense', kind: 'number' },
    { name: 'children', column: 'Children', kind: 'integer' },
    { name: 'region', column: 'Region', kind: 'choice' },
  ],
  target: { column: 'Put aside', label: 'Put aside a week' },
};

/** Rows for it, of households that may spend more than they earn; the same for the same seed. */
export function surveyCsv(rows = 600, seed = 1): string {
  const random = new Random(seed);
  const lines = ['Household,Net income,Rent,Children,Region,Spent,Weight,Put aside'];
  for (let row = 0; row < rows; row++) {
    const income = round(150 + 60 * Math.abs(random.normal()) * (1 + random.uniform()));
    const rent = round(income * random.between(0.1, 0.4));
    const children = random.integer(0, 3);
    const region = ['North', 'South', 'East'][random.integer(0, 2)]!;
    const rate = income > 250 ? 0.3 : 0.12;
    const aside = round(rate * income - (region === 'North' ? 20 : 0) - 8 * children + 6 * random.normal());
    lines.push(
      [row + 1, income, rent, children, region, round(income - aside), random.integer(1, 4), aside].join(),
    );
  }
  return `${lines.join('\n')}\n`;
}

const round = (amount: number) => Math.round(100 * amount) / 100;
