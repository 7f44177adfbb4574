import { describe, expect, test } from 'bun:test';
import { inputsOf } from '../../src/dataset/examples.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { Model } from '../../src/model/model.ts';
import { compile } from '../../src/forest/predict.ts';
import { drawExamples } from '../../src/training/sample.ts';
import { HOUSEHOLD, HOUSEHOLD_TEXT } from '../support/app.ts';
import { testModel } from '../support/model.ts';

describe('Model', () => {
  test('many predictions are the single predictions, bit for bit', async () => {
    const model = await testModel();
    const households = Array.from({ length: 40 }, (_, i) => ({
      ...HOUSEHOLD,
      income: 15_000 + 7_001 * i,
      age: 18 + i,
    }));
    expect(model.predictMany(households)).toEqual(households.map((household) => model.predict(household)));
  });

  test.each([0, 1, 1024, 2500])(
    '%i rows that lie column by column give the same, with and without quantiles',
    async (rows) => {
      const model = await testModel();
      const { inputs } = drawExamples(rows, 3);
      const width = model.manifest.features.length;
      const columns = Array.from({ length: width }, (_, f) =>
        Float64Array.from({ length: rows }, (_, row) => inputs[row * width + f]!),
      );
      const interval = { ...model.manifest.interval, method: 'split-conformal' as const };
      const manifest = { ...model.manifest, interval } as Manifest;
      for (const one of [model, new Model(manifest, '', compile(model.forest!))]) {
        const expected = Array.from({ length: rows }, (_, row) => {
          const { amount, interval } = one.predict(inputsOf(one.inputs.features, { inputs }, row));
          return [amount, interval.low, interval.high];
        });
        expect([...one.predictColumns(columns, rows)]).toEqual(expected.flat());
      }
    },
  );

  test('promises nothing to a household that overspends, and no more than what is left over', async () => {
    const model = await testModel();
    const overspending = model.predict({ ...HOUSEHOLD, rent: 70_000 });
    expect(overspending).toMatchObject({ amount: 0, rate: 0, interval: { low: 0, high: 0 } });
    expect(overspending.remainder).toBeLessThan(0);
    const tight = model.predict({ ...HOUSEHOLD, rent: 12_000 + model.predict(HOUSEHOLD).remainder - 10 });
    expect(tight.amount).toBeLessThanOrEqual(tight.remainder);
    expect(tight.interval.high).toBeLessThanOrEqual(tight.remainder);
  });

  test('warns at what lies outside the trained range, by side', async () => {
    const model = await testModel();
    const [age, income] = ['age', 'income'].map(
      (name) => model.manifest.features.find((f) => f.name === name)!.trained,
    );
    expect(model.predict({ ...HOUSEHOLD, age: 90 }).warnings).toEqual([
      { feature: 'age', side: 'above', trained: age!.max },
    ]);
    const poor = model.predict({
      ...Object.fromEntries(Object.keys(HOUSEHOLD).map((k) => [k, 0])),
      income: 1,
      age: 30,
    });
    expect(poor.warnings).toContainEqual({ feature: 'income', side: 'below', trained: income!.min });
  });

  test('the text of a form and the numbers of the API are the same inputs', async () => {
    const model = await testModel();
    expect(model.inputs.parseText(HOUSEHOLD_TEXT)).toEqual(model.inputs.parse(HOUSEHOLD));
  });
});
