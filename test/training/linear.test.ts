import { describe, expect, test } from 'bun:test';
import { ExamplesBuilder, takeExamples } from '../../src/dataset/examples.ts';
import { Random } from '../../src/dataset/synthetic/random.ts';
import { scoresOf } from '../../src/dataset/scores.ts';
import { fitLinear } from '../../src/training/linear.ts';

function drawn(seed: number, rows: number, row: (random: Random) => [inputs: number[], target: number]) {
  const random = new Random(seed);
  const builder = new ExamplesBuilder(row(new Random(seed))[0].length);
  for (let i = 0; i < rows; i++) builder.add(...row(random));
  return builder.finish();
}

describe('fitLinear', () => {
  test('finds a line that is there, whatever the columns’ scales', () => {
    const line = (random: Random): [number[], number] => {
      const [a, b] = [random.normal(), 1e6 + 1e3 * random.normal()];
      return [[a, b], 3 - 2 * a + 0.5 * b];
    };
    const predict = fitLinear([{}, {}], drawn(1, 200, line));
    const others = drawn(2, 50, line);
    expect(scoresOf(predict(others), others.target).rmse).toBeLessThan(1e-6);
  });

  test('counts a row of weight 3 as three rows', () => {
    const noisy = (random: Random): [number[], number] => {
      const a = random.normal();
      return [[a], a * a + random.normal()];
    };
    const once = drawn(3, 60, noisy);
    const weights = once.target.map((_, i) => i % 4);
    const places = [...weights].flatMap((weight, i) => Array(weight).fill(i));
    const often = takeExamples(once, Int32Array.from(places));
    const others = drawn(4, 20, noisy);
    const [weighted, repeated] = [fitLinear([{}], { ...once, weights }), fitLinear([{}], often)];
    for (const [i, value] of repeated(others).entries()) expect(weighted(others)[i]).toBeCloseTo(value, 9);
  });

  test('gives each choice its own level', () => {
    const level = (random: Random): [number[], number] => {
      const choice = random.integer(0, 2);
      return [[choice], [10, -5, 7][choice]];
    };
    const predict = fitLinear([{ choices: ['a', 'b', 'c'] }], drawn(1, 200, level));
    const others = drawn(2, 50, level);
    expect(scoresOf(predict(others), others.target).rmse).toBeLessThan(1e-9);
  });

  test('bears columns that are constant or the sum of others', () => {
    const sums = (random: Random): [number[], number] => {
      const [a, b] = [random.normal(), random.normal()];
      return [[a, b, a + b, 4], a - b];
    };
    const predict = fitLinear([{}, {}, {}, {}], drawn(1, 200, sums));
    const others = drawn(2, 50, sums);
    expect(scoresOf(predict(others), others.target).rmse).toBeLessThan(1e-6);
  });

  test('leaves errors that no column explains: their best fit is at right angles to every column', () => {
    const noisy = (random: Random): [number[], number] => {
      const a = random.normal();
      return [[a], 2 * a + a * a + random.normal()];
    };
    const examples = drawn(3, 500, noisy);
    const residuals = fitLinear([{}], examples)(examples).map((p, i) => examples.target[i] - p);
    const dot = residuals.reduce((sum, r, i) => sum + r * examples.inputs[i], 0);
    expect(Math.abs(dot)).toBeLessThan(1e-8);
    expect(Math.abs(residuals.reduce((sum, r) => sum + r, 0))).toBeLessThan(1e-8);
  });
});
