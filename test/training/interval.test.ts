import { describe, expect, test } from 'bun:test';
import { Random } from '../../src/dataset/synthetic/random.ts';
import type { Evaluation } from '../../src/training/evaluate.ts';
import { conformalBands, reachNeeded, incomeEdges, measureCoverage } from '../../src/training/interval.ts';

const SEED = 11;

/** Households whose error is twice as large from 50,000 on. */
function households(rows: number, random: Random) {
  const income = Float64Array.from({ length: rows }, () => random.between(10_000, 90_000));
  const residuals = income.map((i) => Math.abs(random.normal()) * (i < 50_000 ? 1 : 2));
  return { income, residuals };
}

const one = (unclamped: number, low: number, high: number): Evaluation => ({
  amount: Float64Array.of(Math.max(low, Math.min(high, unclamped))),
  unclamped: Float64Array.of(unclamped),
  low: Float64Array.of(low),
  high: Float64Array.of(high),
  income: Float64Array.of(1),
});
const needed = (predicted: number, truth: number, slack = 0, low = predicted, high = predicted) =>
  reachNeeded(
    one(predicted, 0, 100),
    { low: Float64Array.of(low), high: Float64Array.of(high) },
    Float64Array.of(truth),
    slack,
  )[0];

describe('reachNeeded', () => {
  test('is the distance from the prediction before the clamp', () => {
    expect(needed(40, 50)).toBe(10);
    expect(needed(50, 40)).toBe(10);
    expect(needed(110, 90)).toBe(20);
    expect(needed(90, 100)).toBe(10);
    expect(needed(-5, 3)).toBe(8);
  });

  test('is nothing where prediction and target lie at the same end of the clamp', () => {
    expect(needed(130, 100)).toBe(0);
    expect(needed(-5, 0)).toBe(0);
  });

  test('counts from the end on the side of the target, and below 0 within', () => {
    expect(needed(50, 60, 0, 40, 55)).toBe(5);
    expect(needed(50, 60, 0, 40, 70)).toBe(-10);
    expect(needed(50, 30, 0, 40, 70)).toBe(10);
    expect(needed(50, 45, 0, 40, 70)).toBe(-5);
    expect(needed(130, 100, 0, 90, 140)).toBe(0);
  });

  test('is endless where the clamp keeps any interval from the target', () => {
    expect(needed(50, 101)).toBe(Number.POSITIVE_INFINITY);
    expect(needed(50, -1)).toBe(Number.POSITIVE_INFINITY);
  });

  test('bears a target that passes the clamp for being rounded', () => {
    expect(needed(130, 100.004, 0.01)).toBe(0);
    expect(needed(130, 99.996, 0.01)).toBe(0);
    expect(needed(50, 100.004, 0.01)).toBeCloseTo(49.994, 9);
    expect(needed(50, 100.02, 0.01)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('incomeEdges', () => {
  test('finds where errors change, and nothing else', () => {
    const { income, residuals } = households(20_000, new Random(SEED));
    const edges = incomeEdges(income, residuals, 0.9);
    expect(edges).toHaveLength(1);
    expect(Math.abs(edges[0] - 50_000)).toBeLessThan(1500);
  });

  test('sees one band where errors are alike, for nineteen of twenty samples or more', () => {
    const random = new Random(SEED);
    let cut = 0;
    for (let i = 0; i < 60; i++) {
      const income = Float64Array.from({ length: 2000 }, () => random.uniform());
      if (
        incomeEdges(
          income,
          income.map(() => random.uniform()),
          0.9,
        ).length > 0
      )
        cut++;
    }
    expect(cut).toBeLessThanOrEqual(3);
  });

  test('leaves no band to a handful of rows', () => {
    const income = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
    const residuals = income.map((i) => (i > 950 ? 100 : 1));
    for (const edge of incomeEdges(income, residuals, 0.9)) expect(edge).toBeLessThanOrEqual(701);
  });
});

describe('conformalBands', () => {
  test('takes the ceil((n + 1) coverage)-th smallest error', () => {
    const residuals = Float64Array.from({ length: 19 }, (_, i) => 19 - i);
    expect(conformalBands([], new Float64Array(19), residuals, 0.9)).toEqual([{ below: null, quantile: 18 }]);
  });

  test('with weights takes a share of them, and the same as without where they are alike', () => {
    const residuals = Float64Array.from({ length: 19 }, (_, i) => i + 1);
    const quantileWith = (weights: Float64Array) =>
      conformalBands([], new Float64Array(19), residuals, 0.9, weights)[0]!.quantile;
    expect(quantileWith(new Float64Array(19).fill(7))).toBe(18);
    // Eight of every ten households stand behind the smallest error.
    expect(quantileWith(residuals.map((residual) => (residual === 1 ? 72 : 1)))).toBe(15);
  });

  test('covers new rows as promised, within each band', () => {
    const random = new Random(SEED);
    const { income, residuals } = households(40_000, random);
    const bands = conformalBands([50_000], income, residuals, 0.9);
    const fresh = households(40_000, random);
    const coverage = (from: number, below: number, quantile: number) => {
      const rows = [...fresh.residuals].filter((_, i) => fresh.income[i] >= from && fresh.income[i] < below);
      return rows.filter((residual) => residual <= quantile).length / rows.length;
    };
    expect(bands.map(({ below }) => below)).toEqual([50_000, null]);
    expect(Math.abs(coverage(0, 50_000, bands[0].quantile) - 0.9)).toBeLessThan(0.01);
    expect(Math.abs(coverage(50_000, 1e9, bands[1].quantile) - 0.9)).toBeLessThan(0.01);
    expect(bands[1].quantile / bands[0].quantile).toBeCloseTo(2, 1);
  });

  test('joins bands that have too few rows to say anything', () => {
    const income = Float64Array.from({ length: 100 }, (_, i) => i);
    const bands = conformalBands(
      [3, 50, 98],
      income,
      income.map(() => 1),
      0.9,
    );
    expect(bands.map(({ below }) => below)).toEqual([50, null]);
  });

  test('says what to do when there are too few rows, or targets that no interval reaches', () => {
    const few = Float64Array.from({ length: 5 }, () => 1);
    expect(() => conformalBands([], few, few, 0.9)).toThrow('train on more');
    const wrong = Float64Array.from({ length: 100 }, (_, i) => (i < 20 ? Number.POSITIVE_INFINITY : 1));
    expect(() => conformalBands([], new Float64Array(100), wrong, 0.9)).toThrow('check the target column');
  });
});

describe('measureCoverage', () => {
  test('counts rows inside, over all and by band', () => {
    const income = Float64Array.of(1, 2, 10, 11);
    const holdout = {
      amount: new Float64Array(4),
      unclamped: new Float64Array(4),
      low: Float64Array.of(0, 0, 0, 0),
      high: Float64Array.of(5, 5, 5, 5),
      income,
    };
    const bands = [
      { below: 10, quantile: 1 },
      { below: null, quantile: 2 },
    ];
    expect(measureCoverage(bands, holdout, { target: Float64Array.of(3, 5, 6, 5.001) }, 0.01)).toEqual({
      measuredCoverage: 0.75,
      bands: [
        { below: 10, quantile: 1, measuredCoverage: 1, rows: 2 },
        { below: null, quantile: 2, measuredCoverage: 0.5, rows: 2 },
      ],
    });
    const weighted = { target: Float64Array.of(3, 5, 6, 5.001), weights: Float64Array.of(1, 1, 2, 6) };
    const { measuredCoverage, bands: measured } = measureCoverage(bands, holdout, weighted, 0.01);
    expect([measuredCoverage, measured[1]!.measuredCoverage]).toEqual([0.8, 0.75]);
  });
});
