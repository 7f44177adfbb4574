import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ColumnProfile } from '../../../src/dataset/column-profile.ts';
import { rangeOf, roundedUp } from '../../../src/training/description/ranges.ts';

function profileOf(values: number[]): ColumnProfile {
  const sorted = Float64Array.from(values).sort();
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  const areWhole = values.every(Number.isSafeInteger);
  return {
    column: 'x',
    cells: values.length,
    numbers: values.length,
    grouped: 0,
    areWhole,
    min,
    max,
    sorted,
    texts: undefined,
  };
}
const other = { whole: false, divides: false, isAmount: false };
const count = (n: number, value: (i: number) => number) => Array.from({ length: n }, (_, i) => value(i));

describe('rangeOf', () => {
  test('goes from nothing to half as far again as the bulk of the values, in round figures', () => {
    expect(rangeOf(profileOf(count(1000, (i) => 100 + i)), other)).toEqual({
      min: 0,
      max: 2000,
      step: 1,
      default: 600,
    });
  });

  test('takes amounts of whoever has five times what the others have', () => {
    const values = count(1000, (i) => 100 + i);
    expect(rangeOf(profileOf(values), { ...other, isAmount: true })).toMatchObject({ min: 0, max: 6000 });
  });

  test('does not hang on one value', () => {
    const values = count(1000, (i) => 100 + i);
    const spoiled = [...values.slice(0, -1), 1e9];
    expect(rangeOf(profileOf(spoiled), other)).toEqual(rangeOf(profileOf(values), other));
  });

  test('leaves room above a small count, and begins above 0 where something is divided by it', () => {
    expect(
      rangeOf(profileOf(count(300, (i) => i % 3)), { whole: true, divides: false, isAmount: false }),
    ).toMatchObject({
      min: 0,
      max: 5,
      step: 1,
      default: 1,
    });
    expect(
      rangeOf(profileOf(count(300, (i) => i % 50)), { whole: true, divides: true, isAmount: false }).min,
    ).toBe(1);
  });

  test('goes below 0 where values do', () => {
    expect(rangeOf(profileOf(count(400, (i) => i - 200)), other)).toMatchObject({ min: -300, max: 300 });
  });

  test('is a range with its default in it, whatever the values', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1 }),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (values, whole, divides, isAmount) => {
          const range = rangeOf(profileOf(values), { whole, divides, isAmount });
          expect(range.min).toBeLessThan(range.max);
          expect(range.step).toBeGreaterThan(0);
          expect(range.default).toBeGreaterThanOrEqual(range.min);
          expect(range.default).toBeLessThanOrEqual(range.max);
          if (divides) expect(range.min).toBeGreaterThan(0);
        },
      ),
    );
  });
});

test('roundedUp takes the next round figure', () => {
  expect([0.031, 1, 1.01, 13, 2000, 2001, 9.5].map(roundedUp)).toEqual([0.04, 1, 1.2, 15, 2000, 2500, 10]);
});
