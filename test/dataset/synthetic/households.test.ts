import { describe, expect, test } from 'bun:test';
import { generateRows, type SyntheticHousehold } from '../../../src/dataset/synthetic/households.ts';

const SEED = 7;
const ROWS = 60_000;
const households = [...generateRows(ROWS, SEED)];

const mean = (value: (h: SyntheticHousehold) => number, of = households) =>
  of.reduce((sum, h) => sum + value(h), 0) / of.length;
const share = (is: (h: SyntheticHousehold) => boolean, of = households) => mean((h) => Number(is(h)), of);
const isNear = (actual: number, expected: number, within: number) => {
  expect(Math.abs(actual - expected)).toBeLessThan(within);
};

const EXPENSES = [
  'Rent',
  'Loan_Repayment',
  'Insurance',
  'Groceries',
  'Transport',
  'Eating_Out',
  'Entertainment',
  'Utilities',
  'Healthcare',
  'Education',
  'Miscellaneous',
] as const;
const spent = (h: SyntheticHousehold) => EXPENSES.reduce((sum, expense) => sum + h[expense], 0);

describe(`synthetic households, seed ${SEED}`, () => {
  test('writes the header of the public set', () => {
    expect(Object.keys(households[0]).join(',')).toBe(
      'Income,Age,Dependents,Occupation,City_Tier,Rent,Loan_Repayment,Insurance,Groceries,Transport,Eating_Out,Entertainment,Utilities,Healthcare,Education,Miscellaneous,Desired_Savings_Percentage,Desired_Savings,Disposable_Income,Potential_Savings_Groceries,Potential_Savings_Transport,Potential_Savings_Eating_Out,Potential_Savings_Entertainment,Potential_Savings_Utilities,Potential_Savings_Healthcare,Potential_Savings_Education,Potential_Savings_Miscellaneous',
    );
  });

  test('draws log-normal incomes around 30,000', () => {
    isNear(
      mean((h) => Math.log(h.Income)),
      Math.log(30_000),
      0.015,
    );
    isNear(
      mean((h) => (Math.log(h.Income) - Math.log(30_000)) ** 2),
      0.64,
      0.02,
    );
    isNear(
      mean((h) => h.Income),
      41_313,
      700,
    );
    isNear(
      share((h) => h.Income < 40_000),
      0.64,
      0.008,
    );
    isNear(
      share((h) => h.Income >= 100_000),
      0.066,
      0.004,
    );
  });

  test('draws age, dependents, occupation and city as it says', () => {
    expect(Math.min(...households.slice(0, 20_000).map((h) => h.Age))).toBe(18);
    expect(Math.max(...households.slice(0, 20_000).map((h) => h.Age))).toBe(64);
    isNear(
      mean((h) => h.Age),
      41,
      0.25,
    );
    for (const count of [0, 1, 2, 3, 4])
      isNear(
        share((h) => h.Dependents === count),
        0.2,
        0.008,
      );
    for (const occupation of ['Professional', 'Retired', 'Self_Employed', 'Student'])
      isNear(
        share((h) => h.Occupation === occupation),
        0.25,
        0.008,
      );
    for (const [tier, p, rent] of [
      ['Tier_1', 0.3, 0.3],
      ['Tier_2', 0.5, 0.2],
      ['Tier_3', 0.2, 0.15],
    ] as const) {
      const living = households.filter((h) => h.City_Tier === tier);
      isNear(living.length / ROWS, p, 0.008);
      for (const h of living) isNear(h.Rent, h.Income * rent, 0.011);
    }
  });

  test.each([
    ['Insurance', 0.02, 0.05],
    ['Eating_Out', 0.02, 0.05],
    ['Entertainment', 0.02, 0.05],
    ['Groceries', 0.1, 0.15],
    ['Transport', 0.05, 0.08],
    ['Utilities', 0.04, 0.08],
    ['Healthcare', 0.03, 0.05],
    ['Miscellaneous', 0.01, 0.03],
  ] as const)('%s is a uniform share of income from %p to %p', (expense, low, high) => {
    checkUniform(
      households.map((h) => h[expense] / h.Income),
      low,
      high,
    );
  });

  test('has a loan in two of five households and school fees where there are dependents', () => {
    isNear(
      share((h) => h.Loan_Repayment > 0),
      0.4,
      0.008,
    );
    checkUniform(
      households.filter((h) => h.Loan_Repayment > 0).map((h) => h.Loan_Repayment / h.Income),
      0.05,
      0.2,
    );
    expect(households.every((h) => h.Education > 0 === h.Dependents > 0)).toBe(true);
    checkUniform(
      households.filter((h) => h.Education > 0).map((h) => h.Education / h.Income),
      0.05,
      0.1,
    );
  });

  test('leaves a quarter of income over, and less than nothing in places', () => {
    for (const h of households) isNear(h.Disposable_Income, h.Income - spent(h), 0.07);
    isNear(
      mean((h) => h.Disposable_Income / h.Income),
      0.255,
      0.003,
    );
    expect(households.some((h) => h.Disposable_Income < 0)).toBe(true);
  });

  test('wants a share of income that rises at 40,000 and 100,000, and never more than is left over', () => {
    for (const [from, below, low, high] of [
      [0, 40_000, 5, 10],
      [40_000, 100_000, 10, 15],
      [100_000, Number.POSITIVE_INFINITY, 15, 25],
    ]) {
      const bracket = households.filter((h) => h.Income >= from && h.Income < below);
      checkUniform(
        bracket.map((h) => h.Desired_Savings_Percentage),
        low,
        high,
      );
    }
    for (const h of households) {
      const wanted = (h.Income * h.Desired_Savings_Percentage) / 100;
      // The percentage is rounded to .01, so what it stands for is off by up to .00005 of income.
      const expected = Math.max(0, Math.min(wanted, h.Disposable_Income));
      isNear(h.Desired_Savings, expected, 0.02 + 0.00006 * h.Income);
    }
    const isCapped = (h: SyntheticHousehold) =>
      h.Disposable_Income < (h.Income * (h.Desired_Savings_Percentage - 0.005)) / 100;
    isNear(share(isCapped), 0.079, 0.005);
    isNear(
      share((h) => h.Desired_Savings === 0),
      0.005,
      0.0015,
    );
  });

  test('could save a uniform part of each soft expense', () => {
    for (const expense of [
      'Groceries',
      'Transport',
      'Eating_Out',
      'Entertainment',
      'Utilities',
      'Miscellaneous',
    ] as const) {
      // Small amounts are left out, since rounding bends their ratios.
      const large = households.filter((h) => h[expense] > 1000);
      checkUniform(
        large.map((h) => h[`Potential_Savings_${expense}`] / h[expense]),
        0.05,
        0.3,
      );
    }
    for (const expense of ['Healthcare', 'Education'] as const) {
      const large = households.filter((h) => h[expense] > 1000);
      checkUniform(
        large.map((h) => h[`Potential_Savings_${expense}`] / h[expense]),
        0,
        0.05,
      );
    }
  });

  test('rounds money and percentages to two decimals', () => {
    for (const h of households.slice(0, 2000)) {
      for (const value of Object.values(h)) {
        if (typeof value === 'number') expect(String(value)).toMatch(/^-?\d+(\.\d\d?)?$/);
      }
    }
  });

  test('draws the same rows for a seed, and others for another seed or stream', () => {
    expect([...generateRows(50, SEED)]).toEqual(households.slice(0, 50));
    expect([...generateRows(50, SEED + 1)]).not.toEqual(households.slice(0, 50));
    expect([...generateRows(50, SEED, 1)]).not.toEqual(households.slice(0, 50));
  });
});

/** Kolmogorov and Smirnov's distance to U(low, high), at the 0.1 % point. */
function checkUniform(values: number[], low: number, high: number): void {
  const sorted = Float64Array.from(values).sort();
  let distance = 0;
  for (const [i, value] of sorted.entries()) {
    const expected = Math.min(1, Math.max(0, (value - low) / (high - low)));
    distance = Math.max(distance, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  }
  expect(distance).toBeLessThan(1.95 / Math.sqrt(sorted.length));
}
