import { describe, expect, test } from 'bun:test';
import { decimalsFor, fixed } from '../../src/model/fixed.ts';

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

test.each([
  [4000, 0],
  [100, 0],
  [38, 1],
  [1, 2],
  [0.0812, 4],
  [1e-12, 6],
  [0, 0],
])('of errors about %d, %d decimals are worth writing', (error, decimals) => {
  expect(decimalsFor(error)).toBe(decimals);
});
