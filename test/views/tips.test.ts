import { describe, expect, test } from 'bun:test';
import type { Prediction } from '../../src/model/prediction.ts';
import { formatFor } from '../../src/views/format.ts';
import { statusOf } from '../../src/views/status.ts';
import { tipsFor } from '../../src/views/tips.ts';

const format = formatFor('en-IN', 'INR');

function tips(income: number, totalExpenses: number, amount: number, period: 'month' | 'year' = 'month') {
  const remainder = income - totalExpenses;
  const prediction = { income, totalExpenses, remainder, amount, rate: amount / income } as Prediction;
  const largest = { label: 'Rent', amount: totalExpenses / 2 };
  return tipsFor({ prediction, period, status: statusOf(prediction), largest, format });
}
const said = (...figures: Parameters<typeof tips>) =>
  tips(...figures)
    .map(({ title, text }) => `${title}: ${text}`)
    .join('\n');

describe('tips', () => {
  test('tell an overspending household what it takes to balance', () => {
    const text = said(50_000, 62_500, 0);
    expect(text).toContain('₹12,500 above income');
    expect(text).toContain('lower by 20.0% would balance');
    expect(text).toContain('Rent alone takes 62.5% of income');
    expect(text).not.toContain('reserve');
  });

  test('name the next step and whether it takes a cut', () => {
    expect(said(50_000, 34_500, 6_270)).toContain(
      'The next step: 20%: That is ₹10,000 a month, ₹3,730 more than predicted. What is left over covers it',
    );
    expect(said(50_000, 46_000, 3_000)).toContain('The next step: 10%: That is ₹5,000 a month');
    expect(said(50_000, 46_000, 3_000)).toContain('It takes ₹1,000 less spending.');
  });

  test('have no next step for a healthy household', () => {
    expect(said(100_000, 60_000, 22_000)).not.toContain('next step');
  });

  test('count the months to a reserve, and leave out one that would never come', () => {
    expect(said(50_000, 30_000, 10_000)).toContain('₹90,000: at this pace, there in 9 months');
    expect(said(50_000, 49_999, 1)).not.toContain('reserve');
    expect(said(50_000, 50_000, 0)).not.toContain('reserve');
  });

  test('count a year as twelve months', () => {
    const text = said(600_000, 360_000, 90_000, 'year');
    expect(text).toContain('₹1,20,000 a year');
    expect(text).toContain('3 months of expenses are ₹90,000: at this pace, there in 12 months');
    expect(text).toContain('₹300 a month, ₹3,600 a year');
  });

  test('hold no figure that is no number', () => {
    const texts = [said(50_000, 0, 9_000), said(1, 0, 0), said(1, 10_000_000, 0)];
    expect(texts.join()).not.toMatch(/NaN|∞|Infinity/);
  });
});
