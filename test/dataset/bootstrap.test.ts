import { describe, expect, test } from 'bun:test';
import { estimate, type Figure, GroupedSums } from '../../src/dataset/bootstrap.ts';
import { standardDeviationOf } from '../../src/dataset/scores.ts';
import { Random } from '../../src/dataset/synthetic/random.ts';

const mean: Figure = { of: (sums) => sums[1]! / sums[0]! };
const sumsOf = (values: ArrayLike<number> & Iterable<number>) => {
  const sums = new GroupedSums(2, values.length);
  for (const value of values) sums.add(Float64Array.of(1, value));
  return sums;
};
const normals = (rows: number, seed = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length: rows }, () => random.normal());
};

describe('estimate', () => {
  test('a seed decides it', () => {
    const sums = sumsOf(normals(300));
    expect(estimate(sums, [mean], 7)).toEqual(estimate(sumsOf(normals(300)), [mean], 7));
    expect(estimate(sums, [mean], 7)).not.toEqual(estimate(sums, [mean], 8));
  });

  test.each([200, 20_000])('the interval of a mean is as theory has it, of %d rows', (rows) => {
    const values = normals(rows);
    const [{ value, low, high }] = estimate(sumsOf(values), [mean]) as [ReturnType<typeof estimate>[0]];
    const half = (1.96 * standardDeviationOf(values)) / Math.sqrt(rows);
    expect(low).toBeLessThan(value);
    expect((high - low) / (2 * half)).toBeGreaterThan(0.9);
    expect((high - low) / (2 * half)).toBeLessThan(1.1);
  });

  test('rows that come sorted are grouped as others are', () => {
    const width = (values: Float64Array) => {
      const [{ low, high }] = estimate(sumsOf(values), [mean]) as [ReturnType<typeof estimate>[0]];
      return high - low;
    };
    const values = normals(20_000);
    const ratio = width(values.toSorted()) / width(values);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
  });

  test('one row, and rows that are all alike, have an interval without width', () => {
    const studentized = { ...mean, standardError: () => 0 };
    for (const values of [[3], [3, 3, 3]])
      expect(estimate(sumsOf(values), [mean, studentized])).toEqual([
        { value: 3, low: 3, high: 3 },
        { value: 3, low: 3, high: 3 },
      ]);
  });
});
