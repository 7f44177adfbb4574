import { beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { proposeGoal, proposeMore, seekGoal } from '../../src/model/goal.ts';
import type { Model } from '../../src/model/model.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { GOOD_RATE, LOW_RATE } from '../../src/views/status.ts';
import { otherModel } from '../support/other-models.ts';
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
  /** @param canFall what the household spends on what can fall first */
  const propose = (income: number, remainder: number, canFall = 0, amount = 0) =>
    proposeGoal({ amount, income, remainder }, [
      { amount: canFall, discretionary: true },
      { amount: income, discretionary: false },
    ]);

  test('is to come out even for whoever is short', () => {
    expect(propose(50_000, -4_000, 9_000)).toBe(0);
    expect(propose(50_000, -0.4)).toBe(500);
  });

  test('is the next step of what is left over where that is within reach', () => {
    expect(propose(50_000, 4_000, 4_000)).toBe(5_000);
    expect(propose(50_000, 8_000, 6_000)).toBe(10_000);
  });

  test('is as much as is within reach where the next step is not', () => {
    expect(propose(50_000, 1_000, 3_000)).toBe(2_500);
    expect(propose(50_000, 6_000, 1_000)).toBe(6_500);
    // Nothing more can fall: what is left over, put aside.
    expect(propose(50_000, 7_000)).toBe(7_000);
  });

  test('is one in a hundred for whoever has nothing left over and nothing that can fall', () => {
    expect(propose(10_000, 0)).toBe(100);
    expect(propose(1, 0)).toBe(1);
  });

  test('is a fifth for whoever has that left over, or more where more is predicted, but no more than there is', () => {
    expect(propose(50_000, 38_000, 0, 6_270)).toBe(10_000);
    expect(propose(100_000, 60_000, 0, 20_000)).toBe(25_000);
    expect(propose(100_000, 22_000, 0, 21_000)).toBe(22_000);
    expect(propose(51_234, 10_300)).toBe(10_000);
    // Written as 20.0 %.
    expect(propose(50_000, 9_999)).toBe(9_900);
  });

  test('is tidy, at least 1, and never beyond what is left over and can fall, or the first step', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 7, noNaN: true }), share, share, (power, left, fun) => {
        const income = 10 ** power;
        const remainder = income * left;
        const canFall = (income - remainder) * fun;
        const goal = propose(income, remainder, canFall, remainder * fun);
        expect(goal).toBeGreaterThanOrEqual(1);
        expect(Number(goal.toPrecision(2))).toBe(goal);
        const reach = Math.max(1, income * 0.01, remainder + canFall / 2);
        expect(goal).toBeLessThanOrEqual(reach * (1 + 1e-9));
      }),
    );
  });

  test('goes by the same steps as the status on the page', () => {
    const step = (share: number) => propose(100_000, 100_000 * share, 100_000) / 100_000;
    expect([step(0), step(LOW_RATE), step(GOOD_RATE)]).toEqual([LOW_RATE, GOOD_RATE, GOOD_RATE]);
  });
});

describe('goal-seek without a budget', () => {
  test('finds one number alone, up or down, within what the model has seen', async () => {
    const { model } = await otherModel('trunks');
    for (const height of [6, 14, 25]) {
      const inputs = { ...model.inputs.defaults(), height };
      const prediction = model.predict(inputs);
      for (const factor of [0.9, 1, 1.05, 1.2, 2]) {
        const goal = prediction.amount * factor;
        const { standing, changes, cuts, income } = seekGoal(model, inputs, prediction, goal);
        expect([cuts, income]).toEqual([[], undefined]);
        expect(standing === 'reached').toBe(factor <= 1);
        if (factor <= 1) expect(changes).toEqual([]);
        for (const { feature, from, to, amount } of changes) {
          expect(amount).toBeGreaterThanOrEqual(goal);
          expect(model.predict({ ...inputs, [feature]: to }).amount).toBe(amount);
          const { trained, kind } = model.manifest.features.find(({ name }) => name === feature)!;
          expect([
            from === Number(inputs[feature as 'height']),
            kind === 'integer' && !Number.isInteger(to),
          ]).toEqual([true, false]);
          expect(to).toBeGreaterThanOrEqual(trained.min - 1);
          expect(to).toBeLessThanOrEqual(trained.max + 1);
        }
      }
    }
  });

  test('finds nothing where nothing that it has seen does it', async () => {
    const { model } = await otherModel('trunks');
    const inputs = model.inputs.defaults();
    const { standing, changes } = seekGoal(model, inputs, model.predict(inputs), 50);
    expect([standing, changes]).toEqual(['beyond', []]);
  });

  test('proposes a tenth more, in two digits', () => {
    const proposed = (amount: number, high: number) =>
      proposeMore({ amount, interval: { low: -1, high, coverage: 0.9 } });
    expect([
      proposed(0.313, 1),
      proposed(1_234, 2_000),
      proposed(-50, 0),
      proposed(0, 7.77),
      proposed(0, 0),
    ]).toEqual([0.35, 1_400, -45, 7.8, 0]);
  });
});
