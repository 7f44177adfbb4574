import { expect, test } from 'bun:test';
import { Encoder } from '../../src/model/encoder.ts';
import type { Feature } from '../../src/model/manifest.ts';

const encoder = new Encoder({
  features: [
    { name: 'income' },
    { name: 'rent' },
    { name: 'tier', choices: ['one', 'two', 'three'] },
  ] as Feature[],
  derived: [
    { name: 'left', label: 'left', op: 'remainder', of: 'income', minus: ['rent'] },
    { name: 'leftShare', label: 'left share', op: 'share', of: 'left', by: 'income' },
  ],
  encoding: [
    { derived: 'leftShare' },
    { feature: 'income' },
    { feature: 'tier', choice: 'two' },
    { feature: 'tier', choice: 'three' },
  ],
});

test("Encoder computes derived columns and one-hots in the encoding's order", () => {
  const row = new Float64Array(5);
  const quantities = encoder.quantities({ income: 80, rent: 20, tier: 'two' }, new Float64Array(5));
  encoder.encode(quantities, row, 1);
  expect([...row]).toEqual([0, 0.75, 80, 1, 0]);
});
