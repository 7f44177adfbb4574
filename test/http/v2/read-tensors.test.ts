import { describe, expect, test } from 'bun:test';
import { readTensors } from '../../../src/http/v2/read-tensors.ts';
import type { InputTensor } from '../../../src/http/v2/schemas.ts';
import type { Feature } from '../../../src/model/manifest.ts';

const FEATURES = [
  { name: 'income', kind: 'number' },
  { name: 'dependents', kind: 'integer' },
  { name: 'city', kind: 'choice', choices: ['small', 'large'] },
] as unknown as Feature[];
const NUMBERS = FEATURES.slice(0, 2);

const income = { name: 'income', shape: [2], datatype: 'FP64', data: [10.5, 20] } as const;
const dependents = { name: 'dependents', shape: [2, 1], datatype: 'INT64', data: [[1], [2]] } as const;
const city = { name: 'city', shape: [2], datatype: 'BYTES', data: ['small', 'large'] } as const;

const read = (tensors: readonly object[], features = FEATURES) =>
  readTensors(tensors as InputTensor[], features);

describe('a tensor for each input', () => {
  test('is read row by row, in any order, flat or nested', () => {
    expect(read([city, dependents, income])).toEqual([
      { income: 10.5, dependents: 1, city: 'small' },
      { income: 20, dependents: 2, city: 'large' },
    ]);
  });

  test.each([
    ['a name that is no input', [income, { ...city, name: 'secret' }], 'inputs[1] is no input of this model'],
    ['the same input twice', [income, income, dependents], 'inputs[1] is a second one of income'],
    ['a missing input', [income, dependents], 'there is no tensor of city'],
    [
      'tensors of different lengths',
      [{ ...income, shape: [1], data: [1] }, dependents, city],
      'numbers of rows',
    ],
    ['less data than the shape says', [{ ...income, data: [1] }, dependents, city], 'more or less data'],
    ['data nested otherwise', [{ ...income, data: [[1, 2]] }, dependents, city], 'not nested as its shape'],
    ['data half nested', [{ ...income, data: [[1], 2] }, dependents, city], 'not nested as its shape'],
    ['text among numbers', [{ ...income, data: [1, 'x'] }, dependents, city], 'must hold numbers alone'],
    ['deeper data', [{ ...income, data: [1, { a: 1 }] }, dependents, city], 'must hold numbers alone'],
    ['a fraction in INT64', [income, { ...dependents, data: [[1], [1.5]] }, city], 'whole numbers'],
    [
      'a large number in INT32',
      [{ ...income, datatype: 'INT32', data: [1, 2 ** 31] }],
      'whole numbers within INT32',
    ],
    ['a choice as a number', [income, dependents, { ...city, datatype: 'INT64' }], 'must be of BYTES'],
    ['a number as BYTES', [{ ...income, datatype: 'BYTES' }], 'must be of FP64'],
    ['no rows', [{ ...income, shape: [0], data: [] }], 'has no rows'],
    ['too many rows', [{ ...income, shape: [10_001], data: [] }], 'more than 10000 rows'],
    [
      'a wide tensor',
      [{ ...income, shape: [1, 2] }, dependents, city],
      'must have the shape [rows] or [rows, 1]',
    ],
  ])('refuses %s', (_, tensors, message) => {
    expect(() => read(tensors)).toThrow(message);
  });
});

describe('one matrix', () => {
  const matrix = { name: 'x', shape: [2, 2], datatype: 'FP32', data: [10, 1, 20, 2] };

  test('holds all inputs in the order of the manifest, flat or nested', () => {
    const rows = [
      { income: 10, dependents: 1 },
      { income: 20, dependents: 2 },
    ];
    expect(read([matrix], NUMBERS)).toEqual(rows);
    expect(
      read(
        [
          {
            ...matrix,
            data: [
              [10, 1],
              [20, 2],
            ],
          },
        ],
        NUMBERS,
      ),
    ).toEqual(rows);
  });

  test('is refused where an input is a choice, or a column is missing', () => {
    expect(() => read([{ ...matrix, shape: [2, 3] }])).toThrow('cannot hold city');
    expect(() => read([{ ...matrix, shape: [1, 4] }], NUMBERS)).toThrow('shape [rows, 2]');
  });
});
