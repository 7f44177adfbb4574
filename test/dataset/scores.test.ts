import { describe, expect, test } from 'bun:test';
import { scoresOf, standardDeviationOf } from '../../src/dataset/scores.ts';

const of = (...values: number[]) => Float64Array.from(values);

describe('scoresOf', () => {
  test('is what the formulas say', () => {
    // Errors 1, -1, 3; the truth's mean is 4 and its squares sum to 8.
    expect(scoresOf(of(3, 3, 9), of(2, 4, 6))).toEqual({
      mae: 5 / 3,
      rmse: Math.sqrt(11 / 3),
      r2: 1 - 11 / 8,
    });
  });

  test('counts a row of weight 2 as two rows', () => {
    const weighted = scoresOf(of(3, 3, 9), of(2, 4, 6), of(1, 2, 0));
    expect(weighted).toEqual(scoresOf(of(3, 3, 3), of(2, 4, 4)));
  });

  test('gives the mean an r2 of 0, perfection 1, and a truth without variance 0', () => {
    expect(scoresOf(of(4, 4, 4), of(2, 4, 6)).r2).toBe(0);
    expect(scoresOf(of(2, 4, 6), of(2, 4, 6))).toEqual({ mae: 0, rmse: 0, r2: 1 });
    expect(scoresOf(of(1, 2), of(3, 3)).r2).toBe(0);
  });
});

describe('standardDeviationOf', () => {
  test('is that of a sample', () => {
    expect(standardDeviationOf(of(2, 4, 6))).toBe(2);
    expect(standardDeviationOf(of(7))).toBe(0);
  });
});
