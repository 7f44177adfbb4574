import { describe, expect, test } from 'bun:test';
import { counted } from '../../src/model/counted.ts';
import { fixed } from '../../src/model/fixed.ts';

describe('fixed', () => {
  test.each([
    [-0.04, 1, '0.0'],
    [-0, 0, '0'],
    [-0.4, 0, '0'],
    [-0.06, 1, '-0.1'],
    [-10, 0, '-10'],
    [0.04, 1, '0.0'],
    [12.345, 2, '12.35'],
  ])('%p with %i decimals is %s', (value, decimals, text) => {
    expect(fixed(value, decimals)).toBe(text);
  });
});

describe('counted', () => {
  test.each([
    [0, '0 rows'],
    [1, '1 row'],
    [2, '2 rows'],
  ])('%i: %s', (count, text) => {
    expect(counted(count, 'row')).toBe(text);
  });

  test('takes a count that is written already', () => {
    expect(counted(1_000, 'row', '1,000')).toBe('1,000 rows');
  });
});
