import { describe, expect, test } from 'bun:test';
import type { Period } from '../../src/model/periods.ts';
import type { Prediction } from '../../src/model/prediction.ts';
import { formatFor } from '../../src/views/format.ts';
import { leftOverOf } from '../../src/views/status.ts';
import { tipsFor } from '../../src/views/tips.ts';

const format = formatFor('en-IN', 'INR');

/** Half of all expenses is rent, and a tenth each is two that can fall. */
function said(income: number, totalExpenses: number, amount: number, period: Period = 'month') {
  const remainder = income - totalExpenses;
  const prediction = { income, totalExpenses, remainder, amount, rate: amount / income } as Prediction;
  const expense = (label: string, share: number, discretionary: boolean) => ({
    name: label,
    label,
    amount: totalExpenses * share,
    discretionary,
  });
  const expenses = [
    expense('Rent', 0.5, false),
    expense('Groceries', 0.3, false),
    expense('Eating out', 0.1, true),
    expense('Entertainment', 0.1, true),
  ];
  return tipsFor({
    prediction,
    period,
    words: { target: 'savings' },
    left: leftOverOf(prediction),
    expenses,
    format,
  })
    .map(({ title, text }) => `${title}: ${text}`)
    .join('\n');
}

describe('tips', () => {
  test('tell an overspending household what all must fall by, and what could fall first', () => {
    const text = said(50_000, 55_000, 0);
    expect(text).toContain('every expense falls by 9.1%, or when ₹5,000 more comes in a month');
    expect(text).toContain(
      'What could fall first: Eating out and Entertainment: ₹11,000 a month. 45.5% off that alone would close the gap.',
    );
    expect(text).not.toMatch(/reserve|fifth|set aside/);
  });

  test('say what is still missing where that is not enough, and name the largest of the rest', () => {
    const text = said(50_000, 75_000, 0);
    expect(text).toContain('Without any of it, ₹10,000 would still be missing.');
    expect(text).toContain('The largest of the rest: Rent is ₹37,500 a month, 50.0% of all expenses.');
  });

  test('ask nobody below a tenth of income to save a share of it', () => {
    const text = said(50_000, 49_000, 500);
    expect(text).toContain('What could fall first: Eating out and Entertainment: ₹9,800 a month.');
    expect(text).not.toMatch(/a tenth|a fifth|10%|20%/);
  });

  test('name the way to a fifth only where it takes nothing that is needed', () => {
    expect(said(50_000, 42_000, 5_000)).toContain(
      '₹2,000 more a month than is left over now: 23.8% off Eating out and Entertainment, for example.',
    );
    // Half of what can fall, and more than half.
    expect(said(50_000, 44_400, 5_000)).toContain('What a fifth of income takes');
    expect(said(50_000, 44_900, 5_000)).not.toContain('a fifth');
    expect(said(100_000, 60_000, 22_000)).not.toContain('a fifth');
  });

  test('count the months to a reserve, and leave out one that would never come', () => {
    expect(said(50_000, 30_000, 10_000)).toContain(
      '₹90,000: there in 5 months if all that is left over goes into it, and in 9 months at the predicted savings.',
    );
    expect(said(50_000, 49_999, 1)).not.toContain('reserve');
    expect(said(50_000, 50_000, 0)).not.toContain('reserve');
  });

  test('count in the period of the amounts', () => {
    const text = said(600_000, 360_000, 90_000, 'year');
    expect(text).toContain('Expenses of a quarter of a year are ₹90,000: there in 1 year if');
    expect(text).toContain('₹3,600 a year.');
    const weekly = said(600, 360, 90, 'week');
    expect(weekly).toContain('Expenses of 13 weeks are ₹4,680: there in 20 weeks if');
    expect(weekly).toContain('₹4 a week, ₹187 a year.');
    expect(text + weekly).not.toContain('month');
  });

  test('hold no figure that is no number', () => {
    const texts = [
      said(50_000, 0, 9_000),
      said(1, 0, 0),
      said(1, 10_000_000, 0),
      said(0, 0, 0),
      said(0, 9, 0),
    ];
    expect(texts.join()).not.toMatch(/NaN|∞|Infinity|–/);
  });
});
