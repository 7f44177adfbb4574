import { beforeAll, describe, expect, test } from 'bun:test';
import type { Inputs } from '../../src/model/features.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { Model } from '../../src/model/model.ts';
import { HOUSEHOLD } from '../support/household.ts';
import { testModel } from '../support/model.ts';

let model: Model;
let earlier: Model;
beforeAll(async () => {
  model = await testModel();
  // As models were before anybody recorded what was seen of derived columns.
  const derived = model.manifest.derived.map(({ trained: _, ...column }) => column);
  const evaluator = { predictOne: () => 0.1, predictBatch: () => new Float64Array() };
  earlier = new Model({ ...model.manifest, derived } as Manifest, '', evaluator as never);
});

const warned = (of: Model, changes: Partial<Inputs>) =>
  of.predict({ ...HOUSEHOLD, ...changes } as Inputs).warnings;
const sides = (of: Model, changes: Partial<Inputs>) =>
  warned(of, changes).map(({ feature, side }) => `${feature} ${side}`);
const seen = (name: string) =>
  [...model.manifest.features, ...model.manifest.derived].find((one) => one.name === name)!.trained!;

describe('what a prediction warns of', () => {
  test('is nothing for a household like those it learned from', () => {
    expect(sides(model, {})).toEqual([]);
  });

  test('is a rent of half the income, which no household of the data pays', () => {
    expect(warned(model, { rent: 30_000 })).toEqual([
      { feature: 'rentShare', side: 'above', trained: seen('rentShare').max },
    ]);
  });

  test('is not an amount that is seen as a share only, and is a usual one', () => {
    const [income, dearest] = [600_000, seen('rentShare').max];
    const scaled = Object.fromEntries(
      model.expenses.map(({ name }) => [name, HOUSEHOLD[name as 'rent'] * 10]),
    );
    const rent = income * 0.2;
    expect(rent).toBeLessThan(income * dearest);
    const most = model.manifest.features.find(({ name }) => name === 'income')!.trained.max;
    expect(sides(model, { ...scaled, income, rent })).toEqual(income > most ? ['income above'] : []);
  });

  test('is never how little goes to one expense: 0 is invited, and a little is no stranger', () => {
    for (const { name } of model.expenses) {
      for (const amount of [0, 1]) {
        const ofExpenses = sides(model, { [name]: amount }).filter(
          (one) => !one.startsWith('remainderShare'),
        );
        expect(ofExpenses).toEqual([]);
        expect(sides(earlier, { [name]: amount })).toEqual([]);
      }
    }
  });

  test('is what is left over when it is more than any household of the data has', () => {
    const none = Object.fromEntries(model.expenses.map(({ name }) => [name, 0]));
    expect(sides(model, none)).toEqual(['remainderShare above']);
  });

  test('is an income of 50 lakh, or of 1, however it is spent', () => {
    expect(sides(model, { income: 5_000_000 })).toEqual(['income above', 'remainderShare above']);
    expect(sides(model, { income: 1 })).toContain('income below');
  });

  test('is no share that is beyond what was seen by less than half a percent', () => {
    const { max } = seen('groceriesShare');
    expect(sides(model, { groceries: 60_000 * (max + 0.004) })).toEqual([]);
    expect(sides(model, { groceries: 60_000 * (max + 0.006) })).toEqual(['groceriesShare above']);
  });

  test('is named by the names that its metric begins with', () => {
    expect(model.seen.names).toEqual([
      'income',
      'age',
      'dependents',
      ...model.expenses.map(({ name }) => `${name}Share`),
      'remainderShare',
    ]);
  });
});

describe('a model of which nobody recorded what it saw of its derived columns', () => {
  test('warns of the inputs that these are made of', () => {
    const { max } = seen('rent');
    expect(earlier.seen.names).toEqual(model.manifest.features.map(({ name }) => name));
    expect(warned(earlier, { rent: max + 1 })).toEqual([{ feature: 'rent', side: 'above', trained: max }]);
    expect(warned(earlier, { rent: 30_000 })).toEqual([]);
  });
});

describe('what was seen of the derived columns', () => {
  test('is in the manifest, and holds every share that the rows had', () => {
    for (const { name, trained } of model.manifest.derived) {
      expect([name, trained!.min <= trained!.max]).toEqual([name, true]);
    }
    expect(seen('rentShare').min).toBeCloseTo(0.15, 3);
    expect(seen('rentShare').max).toBeCloseTo(0.3, 3);
  });
});
