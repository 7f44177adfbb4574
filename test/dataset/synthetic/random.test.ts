import { describe, expect, test } from 'bun:test';
import { Random } from '../../../src/dataset/synthetic/random.ts';

const SEED = 20_261_123;
const DRAWS = 200_000;

const draw = (next: () => number, count = DRAWS) => Float64Array.from({ length: count }, next);
const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Random', () => {
  test('gives the same numbers for the same seed, on every runtime', () => {
    const random = new Random(42);
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual([191545740, 565334915, 1583766210]);
    expect(new Random(42).normal()).toBe(-0.4446324638104951);
  });

  test('gives other numbers for another seed, also beyond 32 bits, and for another stream', () => {
    const first = [new Random(1), new Random(2), new Random(1 + 2 ** 32), new Random(1, 1), new Random(1, 2)];
    expect(new Set(first.map((random) => random.uint32())).size).toBe(first.length);
  });

  test('uniform fills [0, 1) evenly', () => {
    const random = new Random(SEED);
    const values = draw(() => random.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const bins = new Float64Array(20);
    for (const value of values) bins[Math.floor(value * 20)]++;
    const expected = DRAWS / 20;
    const chiSquare = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99.9 % point for 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.8);
  });

  test('uniform uses 53 bits', () => {
    const random = new Random(SEED);
    expect(draw(() => (random.uniform() * 2 ** 53) % 2, 1000).some((bit) => bit === 1)).toBe(true);
  });

  test('integer reaches both ends alike and nothing beyond', () => {
    const random = new Random(SEED);
    const counts = new Map<number, number>();
    for (let i = 0; i < DRAWS; i++) {
      const value = random.integer(-1, 3);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2, 3]);
    for (const count of counts.values()) expect(Math.abs(count / DRAWS - 0.2)).toBeLessThan(0.004);
  });

  test('normal has the moments and the tails of a normal distribution', () => {
    const random = new Random(SEED);
    const values = draw(() => random.normal());
    expect(Math.abs(meanOf(values))).toBeLessThan(0.01);
    expect(Math.abs(meanOf(values.map((z) => z ** 2)) - 1)).toBeLessThan(0.015);
    expect(Math.abs(meanOf(values.map((z) => z ** 3)))).toBeLessThan(0.04);
    expect(Math.abs(meanOf(values.map((z) => z ** 4)) - 3)).toBeLessThan(0.1);
    expect(Math.abs(meanOf(values.map((z) => Number(Math.abs(z) > 1.96))) - 0.05)).toBeLessThan(0.002);
  });

  test('shuffle keeps every item and favours no place', () => {
    const random = new Random(SEED);
    const places = new Float64Array(5);
    for (let i = 0; i < 20_000; i++) {
      const items = random.shuffle(Int32Array.from([0, 1, 2, 3, 4]));
      expect(items.reduce((sum, item) => sum + 2 ** item, 0)).toBe(31);
      places[items.indexOf(0)]++;
    }
    for (const count of places) expect(Math.abs(count / 20_000 - 0.2)).toBeLessThan(0.015);
  });
});
