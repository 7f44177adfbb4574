import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { InputSchema } from '../../src/model/features.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { convertAmount, featuresIn, parseInPeriods, PERIODS, type Periods } from '../../src/model/periods.ts';
import { testModel } from '../support/model.ts';

const model = await testModel();
const { manifest } = model;
const parse = (value: unknown, periods: Periods, of: Pick<Manifest, 'features' | 'target'> = manifest) =>
  parseInPeriods(of, new InputSchema(of.features), periods, (schema, nameOf) => schema.parse(value, nameOf));

describe('amounts of another period', () => {
  test.each([
    [1_200, 'year', 'month', 100],
    [100, 'month', 'year', 1_200],
    [200, 'week', 'month', 869.63],
    [200, 'week', 'year', 10_435.5],
    [10_435.5, 'year', 'week', 200],
    [1_000, 'year', 'month', 83.33],
    [0, 'week', 'month', 0],
    [12.34, 'month', 'month', 12.34],
  ] as const)('%p a %s is, a %s, %p', (amount, from, to, expected) => {
    expect(convertAmount(amount, from, to)).toBe(expected);
  });

  test('no bound in another period lets through what the model does not take', () => {
    const periods = fc.constantFrom(...PERIODS);
    fc.assert(
      fc.property(periods, periods, fc.double({ min: 0, max: 1, noNaN: true }), (usual, chosen, share) => {
        const of = { features: manifest.features, target: { ...manifest.target, period: usual as 'month' } };
        for (const { name, min, max } of featuresIn(of, { income: chosen, rent: chosen })) {
          if (name !== 'income' && name !== 'rent') continue;
          const amount = Math.round((min + (max - min) * share) * 100) / 100;
          const parsed = parse({ ...model.inputs.defaults(), [name]: amount }, { [name]: chosen }, of);
          expect(parsed.ok).toBe(true);
          if (parsed.ok) expect(new InputSchema(of.features).parse(parsed.inputs).ok).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('are refused in the period that they were given in', () => {
    const parsed = parse({ ...model.inputs.defaults(), rent: 2_500_000 }, { rent: 'week' });
    expect(parsed).toEqual({
      ok: false,
      errors: [
        {
          field: 'rent',
          reason: 'above_max',
          message: 'Rent, a week: please enter at most 2299841.88.',
        },
      ],
    });
  });

  test('are kept as they were given, beside what they come to', () => {
    const amounts = { ...model.inputs.defaults(), rent: 200 };
    const parsed = parse(amounts, { rent: 'week' });
    expect(parsed).toMatchObject({ ok: true, inputs: { rent: 869.63 }, given: { amounts: { rent: 200 } } });
  });
});
