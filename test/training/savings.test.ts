import { describe, expect, test } from 'bun:test';
import { generateRows } from '../../src/dataset/synthetic/households.ts';
import { Encoder } from '../../src/model/encoder.ts';
import { InputSchema } from '../../src/model/features.ts';
import { featureSchema } from '../../src/model/manifest.ts';
import { SAVINGS } from '../../src/training/savings.ts';

const features = SAVINGS.features.map((feature) =>
  featureSchema.parse({ ...feature, trained: { min: feature.min, max: feature.max } }),
);
const inputs = new InputSchema(features);
const encoder = new Encoder({ ...SAVINGS, features });

describe('SAVINGS', () => {
  test('asks for 14 inputs and shows the forest 15 columns', () => {
    expect(features).toHaveLength(14);
    expect(encoder.width).toBe(15);
  });

  test('reads columns that the public set has, and none that give the answer away', () => {
    const [household] = generateRows(1, 1);
    const columns = SAVINGS.features.map(({ column }) => column);
    expect(Object.keys(household)).toEqual(expect.arrayContaining([...columns, SAVINGS.target.column]));
    expect(columns.filter((column) => /Desired|Potential|Disposable/.test(column))).toEqual([]);
  });

  test('proposes a household that it accepts and that has something left over', () => {
    const defaults = inputs.defaults();
    expect(inputs.parse(defaults)).toEqual({ ok: true, inputs: defaults });
    const quantities = encoder.quantities(defaults, new Float64Array(encoder.names.length));
    expect(quantities[encoder.indexOf('remainderShare')]).toBeGreaterThan(0.2);
  });

  test('accepts every household of its own data', () => {
    for (const household of generateRows(2000, 3)) {
      const values = Object.fromEntries(
        SAVINGS.features.map(({ name, column }) => [name, household[column as keyof typeof household]]),
      );
      expect(inputs.parse(values).ok).toBe(true);
    }
  });

  test('derives shares and what is left over from the inputs', () => {
    const household = { ...inputs.defaults(), income: 1000, rent: 250 };
    for (const { name, role } of features) {
      if (role === 'expense' && name !== 'rent') (household as Record<string, number>)[name] = 50;
    }
    const row = new Float64Array(15);
    encoder.encode(encoder.quantities(household, new Float64Array(encoder.names.length)), row, 0);
    expect([...row.subarray(3, 5)]).toEqual([0.25, 0.05]);
    expect(row[14]).toBeCloseTo(0.25, 12);
  });

  test('offers four households of the kind that it learns from, from little left over to much', () => {
    const share = (inputs: Record<string, number | string>) => {
      const quantities = encoder.quantities(inputs, new Float64Array(encoder.names.length));
      return encoder.names.map((name, i) => [name, quantities[i]] as const);
    };
    const seen = new Map<string, [number, number]>();
    for (const household of generateRows(20_000, 42)) {
      const values = Object.fromEntries(
        SAVINGS.features.map(({ name, column }) => [name, household[column as keyof typeof household]]),
      );
      for (const [name, value] of share(values)) {
        const [least, most] = seen.get(name) ?? [value, value];
        seen.set(name, [Math.min(least, value), Math.max(most, value)]);
      }
    }
    for (const { label, inputs } of SAVINGS.examples!) {
      for (const [name, value] of share(inputs)) {
        const [least, most] = seen.get(name)!;
        expect([label, name, value >= least && value <= most]).toEqual([label, name, true]);
      }
    }
    const left = SAVINGS.examples!.map(({ inputs }) =>
      Math.round(Object.fromEntries(share(inputs)).remainderShare! * 100),
    );
    expect(left).toEqual([30, 17, 6, 34]);
  });

  test('explains every input to a householder', () => {
    for (const { help, label } of features) {
      expect(help).toMatch(/^[A-Z].{15,100}\.$/);
      expect(label).toMatch(/^[A-Z][a-z ]+$/);
    }
  });
});
