import { beforeAll, describe, expect, test } from 'bun:test';
import type { Model } from '../../src/model/model.ts';
import { sweepExpenses, sweepNumbers } from '../../src/model/sensitivity.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { otherModel } from '../support/other-models.ts';
import { testModel } from '../support/model.ts';

let model: Model;
beforeAll(async () => {
  model = await testModel();
});

const sweep = (inputs: Record<string, number>) =>
  sweepExpenses(model, inputs, model.predict(inputs).remainder);

describe('the sweep over expenses', () => {
  test('holds what the model predicts at every point, everything else kept', () => {
    for (const { feature, points } of sweep(HOUSEHOLD)) {
      for (const { value, amount } of [points[0], points[7], points[points.length - 1]]) {
        expect(amount).toBe(model.predict({ ...HOUSEHOLD, [feature]: value }).amount);
      }
    }
  });

  test('runs from nothing to what would leave nothing over, in rising order', () => {
    const { remainder } = model.predict(HOUSEHOLD);
    const sweeps = sweep(HOUSEHOLD);
    expect(sweeps.map(({ feature }) => feature)).toEqual(model.expenses.map(({ name }) => name));
    for (const { feature, points } of sweeps) {
      const values = points.map(({ value }) => value);
      expect(values[0]).toBe(0);
      expect(values.at(-1)).toBeCloseTo(HOUSEHOLD[feature as keyof typeof HOUSEHOLD] + remainder, 6);
      expect(values).toEqual([...values].sort((a, b) => a - b));
      expect(points.at(-1)!.amount).toBeCloseTo(0, 6);
    }
  });

  test('has a range where nothing is spent and nothing is left over, and stays within what is accepted', () => {
    const nothing = { ...HOUSEHOLD, income: 1, rent: 0 };
    for (const { feature, points } of sweep(nothing)) {
      const { max } = model.expenses.find(({ name }) => name === feature)!;
      expect(points.at(-1)!.value).toBeGreaterThan(0);
      expect(points.at(-1)!.value).toBeLessThanOrEqual(max);
    }
  });
});

describe('the sweep over numbers', () => {
  test('runs over what the model has seen of each, in whole numbers where it takes no others', async () => {
    const { model } = await otherModel('trunks');
    const inputs = model.inputs.defaults();
    const sweeps = sweepNumbers(model, inputs);
    expect(sweeps.map(({ feature }) => feature)).toEqual(['height', 'age']);
    for (const { feature, points } of sweeps) {
      const { kind, trained } = model.manifest.features.find(({ name }) => name === feature)!;
      const values = points.map(({ value }) => value);
      expect([values[0], values.at(-1)]).toEqual([trained.min, trained.max]);
      if (kind === 'integer') expect(values.every(Number.isInteger)).toBe(true);
      for (const { value, amount } of points) {
        expect(amount).toBe(model.predict({ ...inputs, [feature]: value }).amount);
      }
    }
  });
});
