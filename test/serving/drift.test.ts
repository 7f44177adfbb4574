import { expect, test } from 'bun:test';
import { binName, DriftBins } from '../../src/serving/drift.ts';
import { testModel } from '../support/model.ts';

/** Counts these inputs by feature, `[bins]`. */
async function countsOf(
  inputs: Record<string, number>[],
  reference: unknown,
): Promise<Record<string, number[]>> {
  const model = await testModel();
  const counts: Record<string, { value: number }[]> = {};
  const bins = new DriftBins(Object.assign(Object.create(model), { reference }), (feature, bin) => {
    counts[feature] ??= [];
    expect(bin).toBe(binName(counts[feature].length));
    const count = { value: 0 };
    counts[feature].push(count);
    return count;
  });
  for (const one of inputs) bins.count({ ...model.inputs.defaults(), ...one });
  return Object.fromEntries(
    Object.entries(counts).map(([feature, list]) => [feature, list.map(({ value }) => value)]),
  );
}

test('a bin holds what is at its lower edge, and not what is at its upper one', async () => {
  const reference = {
    rows: 100,
    features: [
      { feature: 'income', edges: [1000, 2000], shares: [0.2, 0.3, 0.5] },
      { feature: 'dependents', edges: [], shares: [1] },
    ],
  };
  const incomes = [1, 999.99, 1000, 1999.99, 2000, 1e9];
  const counts = await countsOf(
    incomes.map((income) => ({ income })),
    reference,
  );
  expect(counts).toEqual({ income: [2, 2, 2], dependents: [6] });
});

test('names of bins sort as bins do', () => {
  expect([9, 10, 2].map(binName).sort()).toEqual(['02', '09', '10']);
});
