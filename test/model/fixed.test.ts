import { describe, expect, test } from 'bun:test';
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
