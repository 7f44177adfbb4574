import { describe, expect, test } from 'bun:test';
import { exp, log } from '../../../src/dataset/synthetic/portable-math.ts';

const ULPS = 4 * Number.EPSILON;

describe('exp', () => {
  test('is e to the x within a few units in the last place', () => {
    for (let x = -20; x <= 20; x += 0.0137) {
      expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(ULPS);
    }
    expect(exp(0)).toBe(1);
    expect(Math.abs(exp(-600) / Math.exp(-600) - 1)).toBeLessThan(ULPS);
    expect(Math.abs(exp(600) / Math.exp(600) - 1)).toBeLessThan(ULPS);
  });
});

describe('log', () => {
  test('is the natural logarithm within a few units in the last place', () => {
    for (let x = 1e-9; x < 1e9; x *= 1.013) {
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThan(ULPS * Math.max(1, Math.abs(Math.log(x))));
    }
    expect(log(1)).toBe(0);
  });

  test('keeps its precision beside 1, where the result is small', () => {
    for (const x of [1 + 2 ** -40, 1 - 2 ** -40]) {
      expect(Math.abs(log(x) / Math.log1p(x - 1) - 1)).toBeLessThan(ULPS);
    }
  });
});
