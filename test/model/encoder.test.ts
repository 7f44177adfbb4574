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

test('Encoder adds, subtracts and divides; by nothing it divides to 0', () => {
  const names = ['rooms', 'adults', 'children'];
  const made = new Encoder({
    features: names.map((name) => ({ name })) as Feature[],
    derived: [
      { name: 'persons', label: 'persons', op: 'sum', of: ['adults', 'children'] },
      { name: 'more', label: 'more', op: 'difference', of: 'adults', minus: 'children' },
      { name: 'perRoom', label: 'a room', op: 'ratio', of: 'persons', by: 'rooms' },
    ],
    encoding: [{ derived: 'persons' }, { derived: 'more' }, { derived: 'perRoom' }],
  });
  const rowOf = (rooms: number, adults: number, children: number) => {
    const row = new Float64Array(3);
    made.encode(made.quantities({ rooms, adults, children }, new Float64Array(6)), row, 0);
    return [...row];
  };
  expect(rowOf(4, 1, 5)).toEqual([6, -4, 1.5]);
  expect(rowOf(0, 2, 0)).toEqual([2, 2, 0]);
  expect(rowOf(1e-12, 2, 0)).toEqual([2, 2, 0]);
});
