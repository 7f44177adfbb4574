import { beforeAll, describe, expect, test } from 'bun:test';
import { explanationOf } from '../../src/model/explanation.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { Model } from '../../src/model/model.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { testModel } from '../support/model.ts';

let model: Model;
beforeAll(async () => {
  model = await testModel();
});

const explain = (changes: object) => {
  const inputs = { ...HOUSEHOLD, ...changes };
  const explanation = model.explain(inputs, model.predict(inputs));
  if (explanation === undefined) throw new Error('the test model must be able to explain itself');
  return explanation;
};
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

describe('the explanation of a prediction', () => {
  test.each([{}, { rent: 30_000 }, { rent: 58_000 }, { income: 400_000 }])(
    'leads from the average rate to the amount, part by part: %p',
    (changes) => {
      const { base, parts, unclamped, limit, amount } = explain(changes);
      expect(base + sum(parts.map(({ change }) => change))).toBeCloseTo(unclamped, 6);
      expect(unclamped + limit).toBe(amount);
      expect(amount).toBe(model.predict({ ...HOUSEHOLD, ...changes }).amount);
    },
  );

  test('is the same rate of every income, in the unit of the target', () => {
    expect(explain({ income: 120_000 }).base).toBeCloseTo(2 * explain({ income: 60_000 }).base, 6);
  });

  test('holds a household to what is left over as a step of its own, and only then', () => {
    expect(explain({}).limit).toBe(0);
    const overspending = explain({ rent: 58_000 });
    expect(overspending.amount).toBe(0);
    expect(overspending.limit).toBe(-overspending.unclamped);
  });

  test('names every column once, derived ones as themselves, the largest first', () => {
    const { parts } = explain({});
    const { features, derived, encoding } = model.manifest;
    const columns = encoding.map((column) => ('derived' in column ? column.derived : column.feature));
    expect(parts.map(({ name }) => name).sort()).toEqual([...columns].sort());
    const labels = new Map([...features, ...derived].map(({ name, label }) => [name, label]));
    for (const { name, label } of parts) expect(label).toBe(labels.get(name)!);
    const sizes = parts.map(({ change }) => Math.abs(change));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  test('gathers the columns of one choice', () => {
    const feature = { name: 'tier', label: 'City tier' } as Manifest['features'][number];
    const manifest: Pick<Manifest, 'features' | 'derived' | 'encoding'> = {
      features: [feature],
      derived: [],
      encoding: [
        { feature: 'tier', choice: 'one' },
        { feature: 'tier', choice: 'two' },
      ],
    };
    const contributions = { base: 0.1, contributions: Float64Array.of(0.02, -0.05) };
    const { parts } = explanationOf(manifest, contributions, 100, { amount: 7, unclamped: 7 });
    expect(parts).toEqual([{ name: 'tier', label: 'City tier', change: expect.closeTo(-3, 9) }]);
  });
});
