import { describe, expect, test } from 'bun:test';
import { expensesOf } from '../../src/model/expenses.ts';
import type { Feature } from '../../src/model/manifest.ts';
import { SAVINGS } from '../../src/training/savings.ts';

const feature = (name: string, group: string, changes: Partial<Feature> = {}) =>
  ({ name, label: name, role: 'expense', group, ...changes }) as Feature;
const inputs = { income: 100, rent: 20, cinema: 30, food: 20 };
const canFall = (...features: Feature[]) =>
  expensesOf({ features }, inputs)
    .filter(({ discretionary }) => discretionary)
    .map(({ name }) => name);

describe('expensesOf', () => {
  test('has the largest first, and equal ones as the manifest has them', () => {
    const features = [
      feature('income', 'All', { role: 'income' }),
      feature('rent', 'All'),
      feature('food', 'All'),
      feature('cinema', 'All'),
    ];
    expect(expensesOf({ features }, inputs)).toEqual([
      { name: 'cinema', label: 'cinema', amount: 30, discretionary: false },
      { name: 'rent', label: 'rent', amount: 20, discretionary: false },
      { name: 'food', label: 'food', amount: 20, discretionary: false },
    ]);
  });

  test('believes a manifest that says which can fall, whatever the groups are called', () => {
    expect(
      canFall(
        feature('rent', 'Lifestyle', { discretionary: false }),
        feature('cinema', 'Fixed', { discretionary: true }),
        feature('food', 'Leisure'),
      ),
    ).toEqual(['cinema']);
  });

  test('goes by the group in a manifest that says it of none', () => {
    expect(canFall(feature('rent', 'Home'), feature('cinema', 'Lifestyle'))).toEqual(['cinema']);
    expect(canFall(feature('rent', 'Home'), feature('cinema', 'Loisirs'))).toEqual([]);
  });

  test('the sample says it of every expense', () => {
    const expenses = SAVINGS.features.filter(({ role }) => role === 'expense');
    expect(expenses.filter(({ discretionary }) => discretionary === undefined)).toEqual([]);
    expect(expenses.filter(({ discretionary }) => discretionary).map(({ name }) => name)).toEqual([
      'eatingOut',
      'entertainment',
    ]);
  });
});
