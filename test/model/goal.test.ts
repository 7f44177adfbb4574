import { beforeAll, describe, expect, test } from 'bun:test';
import { proposeGoal, seekGoal } from '../../src/model/goal.ts';
import type { Model } from '../../src/model/model.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { testModel } from '../support/model.ts';

let model: Model;
beforeAll(async () => {
  model = await testModel();
});

const seek = (goal: number, changes: object = {}) => {
  const inputs = { ...HOUSEHOLD, ...changes };
  const prediction = model.predict(inputs);
  return { inputs, prediction, result: seekGoal(model, inputs, prediction, goal) };
};
const predicted = (inputs: Record<string, number>, feature: string, value: number) =>
  model.predict({ ...inputs, [feature]: value }).amount;

describe('goal-seek', () => {
  test('asks for nothing when the goal is predicted as it is', () => {
    const { result, prediction } = seek(100);
    expect(prediction.amount).toBeGreaterThan(100);
    expect(result).toMatchObject({ standing: 'reached', income: undefined, cuts: [], shortOfGoal: 0 });
  });

  test('names an income that is predicted to reach the goal, and a little less of which is not', () => {
    const { prediction } = seek(1);
    const goal = Math.round(prediction.interval.high * 1.5);
    const { result, inputs } = seek(goal);
    expect(result.standing).toBe('beyond');
    const { from, to, amount } = result.income!;
    expect(from).toBe(inputs.income);
    expect(to).toBeGreaterThan(from);
    expect(Number.isInteger(to)).toBe(true);
    expect(predicted(inputs, 'income', to)).toBe(amount);
    expect(amount).toBeGreaterThanOrEqual(goal);
    expect(predicted(inputs, 'income', from + (to - from) * 0.95)).toBeLessThan(goal);
  });

  test('promises nothing from cuts that the model can not tell from its own uncertainty', () => {
    const { prediction } = seek(1);
    const { amount, interval } = prediction;
    const { result } = seek((amount + interval.high) / 2);
    expect(result.standing).toBe('within');
    expect(result.cuts).toEqual([]);
    expect(result.income).toBeDefined();
  });

  test('finds cuts, the smallest first, where spending is what holds the savings down', () => {
    // What is left over is small: the cap decides.
    const { prediction } = seek(1, { rent: 28_000 });
    const { amount, interval } = prediction;
    expect(interval.high).toBe(prediction.remainder);
    const goal = Math.ceil(interval.high + 1_500);
    const { result, inputs } = seek(goal, { rent: 28_000 });
    expect(result.standing).toBe('beyond');
    expect(result.cuts.length).toBeGreaterThan(0);
    for (const cut of result.cuts) {
      expect(cut.to).toBeGreaterThanOrEqual(0);
      expect(cut.from - cut.to).toBeGreaterThanOrEqual(goal - amount - 1);
      expect(predicted(inputs, cut.feature, cut.to)).toBe(cut.amount);
      expect(cut.amount).toBeGreaterThanOrEqual(goal);
    }
    const sizes = result.cuts.map(({ from, to }) => from - to);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(result.shortOfGoal).toBe(goal - prediction.remainder);
  });

  test('says so when no income that the model has seen is enough', () => {
    const { result } = seek(5_000_000);
    expect(result).toMatchObject({ standing: 'beyond', income: undefined, cuts: [] });
    expect(result.shortOfGoal).toBeGreaterThan(0);
  });
});

describe('the proposed goal', () => {
  const propose = (amount: number, income: number) =>
    proposeGoal({ amount, income } as Parameters<typeof proposeGoal>[0]);

  test('is a fifth of income, rounded up', () => {
    expect(propose(6_270, 50_000)).toBe(10_000);
    expect(propose(100, 51_234)).toBe(11_000);
  });

  test('is a quarter more for whoever is predicted that already', () => {
    expect(propose(20_000, 100_000)).toBe(25_000);
  });

  test('is never nothing', () => {
    expect(propose(0, 1)).toBe(1);
  });
});
