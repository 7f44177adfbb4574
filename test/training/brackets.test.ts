import { describe, expect, test } from 'bun:test';
import { type Examples, ExamplesBuilder } from '../../src/dataset/examples.ts';
import { scoresOf } from '../../src/dataset/scores.ts';
import { Random } from '../../src/dataset/synthetic/random.ts';
import { type Bracket, fitBrackets, predictBrackets } from '../../src/training/brackets.ts';
import { acceptedFeatures } from '../../src/training/model-description.ts';
import { drawExamples } from '../../src/training/sample.ts';
import { SAVINGS } from '../../src/training/savings.ts';

const SLACK = 0.065;
const savings = { ...SAVINGS, features: acceptedFeatures(SAVINGS) };
const holdout = drawExamples(100_000, 42, 2);

/** Income and one expense; what is left over is the most that can be saved. */
const [income, , , rent] = savings.features;
const small = {
  features: [income!, rent!],
  derived: [{ name: 'left', label: 'Left', op: 'remainder' as const, of: 'income', minus: ['rent'] }],
  encoding: [{ feature: 'income' }, { derived: 'left' }],
  target: { ...SAVINGS.target, clamp: { min: 0, max: 'left' } },
};
const { clamp: _, ...unclamped } = small.target;
const free = { ...small, target: { ...unclamped, transform: 'identity' as const } };

function rowsOf(
  rows: number,
  draw: (income: number, random: Random) => [rent: number, target: number],
): Examples {
  const random = new Random(7);
  const builder = new ExamplesBuilder(2);
  for (let i = 0; i < rows; i++) {
    const earned = random.between(10_000, 200_000);
    const [spent, target] = draw(earned, random);
    builder.add([earned, spent], target);
  }
  return builder.finish();
}

const maeOf = (brackets: Bracket[], description: typeof small | typeof free, rows: Examples) =>
  scoresOf(predictBrackets(brackets, description, rows), rows.target).mae;

describe('fitBrackets', () => {
  test.each([42, 1, 2])(
    'finds the three rates that the synthetic households were drawn with, seed %d',
    (seed) => {
      const brackets = fitBrackets(savings, drawExamples(20_000, seed), SLACK);
      expect(brackets).toHaveLength(3);
      const [low, middle, high] = brackets;
      expect(low!.from).toBe(Number.NEGATIVE_INFINITY);
      expect(Math.abs(middle!.from - 40_000)).toBeLessThan(400);
      expect(Math.abs(high!.from - 100_000)).toBeLessThan(1000);
      for (const [i, rate] of [0.075, 0.125, 0.2].entries())
        expect(Math.abs(brackets[i]!.output - rate)).toBeLessThan(0.002);
      const { mae } = scoresOf(predictBrackets(brackets, savings, holdout), holdout.target);
      expect(mae).toBeGreaterThan(533);
      expect(mae).toBeLessThan(555);
    },
  );

  test('says the same of the same rows, in whatever order they come', () => {
    const rows = drawExamples(500, 3);
    const width = savings.features.length;
    const turned = new ExamplesBuilder(width);
    for (let i = rows.rows - 1; i >= 0; i--)
      turned.add(rows.inputs.subarray(i * width, (i + 1) * width), rows.target[i]!);
    const brackets = fitBrackets(savings, rows, SLACK);
    expect(fitBrackets(savings, rows, SLACK)).toEqual(brackets);
    for (const [i, { from, output }] of fitBrackets(savings, turned.finish(), SLACK).entries()) {
      expect(from).toBe(brackets[i]!.from);
      expect(output).toBeCloseTo(brackets[i]!.output, 10);
    }
  });

  test('gives amounts where the target is multiplied by nothing', () => {
    const rows = rowsOf(600, (earned) => [0, earned < 90_000 ? 500 : 4000]);
    const brackets = fitBrackets(free, rows, 0);
    expect(brackets.map(({ output }) => Math.round(output))).toEqual([500, 4000]);
    expect(Math.abs(brackets[1]!.from - 90_000)).toBeLessThan(1000);
    expect(maeOf(brackets, free, rows)).toBeLessThan(1e-6);
  });

  test('has one bracket where income explains nothing', () => {
    const noise = rowsOf(2000, (earned, random) => [0, earned * random.between(0.1, 0.2)]);
    expect(fitBrackets(small, noise, 0.015)).toHaveLength(1);
    const alike = rowsOf(200, (earned) => [0, 0.1 * earned]);
    expect(fitBrackets(small, alike, 0.015)).toEqual([
      { from: Number.NEGATIVE_INFINITY, output: expect.closeTo(0.1, 10) },
    ]);
  });

  test('has no more than five brackets', () => {
    const steps = rowsOf(3000, (earned) => [0, earned * (0.1 + 0.05 * (Math.floor(earned / 20_000) % 2))]);
    expect(fitBrackets(small, steps, 0.015)).toHaveLength(5);
  });

  test('hits everything where everybody puts aside a tenth, or all that is left', () => {
    const capped = rowsOf(1000, (earned, random) => {
      const spent = earned * random.between(0.7, 1.1);
      return [spent, Math.max(0, Math.min(0.1 * earned, earned - spent))];
    });
    expect(maeOf(fitBrackets(small, capped, 0.015), small, capped)).toBeLessThan(0.01);
    const all = rowsOf(1000, (earned, random) => {
      const spent = earned * random.between(0.7, 1.1);
      return [spent, Math.max(0, earned - spent)];
    });
    expect(maeOf(fitBrackets(small, all, 0.015), small, all)).toBeLessThan(0.01);
  });

  test('counts those who put nothing aside though they could', () => {
    const rows = rowsOf(2000, (earned, random) => [0, random.uniform() < 0.5 ? 0 : 0.2 * earned]);
    const [bracket, ...others] = fitBrackets(small, rows, 0.015);
    expect(others).toEqual([]);
    expect(Math.abs(bracket!.output - 0.1)).toBeLessThan(0.01);
  });

  test('takes a single row, and rows of one income', () => {
    expect(
      fitBrackets(
        small,
        rowsOf(1, (earned) => [0, 0.3 * earned]),
        0,
      ),
    ).toEqual([{ from: Number.NEGATIVE_INFINITY, output: expect.closeTo(0.3, 10) }]);
    const same = new ExamplesBuilder(2);
    for (let i = 0; i < 100; i++) same.add([1000, 0], i);
    expect(fitBrackets(small, same.finish(), 0)).toHaveLength(1);
  });
});

describe('predictBrackets', () => {
  test('holds the answer between the floor and what is left over, for the poorest and the richest', () => {
    const rows = new ExamplesBuilder(2);
    for (const inputs of [
      [1, 0],
      [1000, 950],
      [1000, 2000],
      [99, 0],
      [100, 0],
      [1e7, 0],
    ])
      rows.add(inputs, 0);
    const brackets = [
      { from: Number.NEGATIVE_INFINITY, output: 0.1 },
      { from: 100, output: 0.2 },
    ];
    const answers = [...predictBrackets(brackets, small, rows.finish())];
    for (const [i, answer] of [0.1, 50, 0, 9.9, 20, 2e6].entries()) expect(answers[i]).toBeCloseTo(answer, 8);
  });
});
