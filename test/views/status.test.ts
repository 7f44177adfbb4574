import { describe, expect, test } from 'bun:test';
import { statusOf } from '../../src/views/status.ts';

describe('the status of a household', () => {
  test.each([
    [-1, 0, 'overspending'],
    [-1, 0.25, 'overspending'],
    [0, 0, 'low'],
    [1, 0.0999, 'low'],
    [1, 0.1, 'fair'],
    [1, 0.1999, 'fair'],
    [1, 0.2, 'healthy'],
    [1, 0.9, 'healthy'],
  ] as const)('with %p left over and a rate of %p is %p', (remainder, rate, name) => {
    expect(statusOf({ remainder, rate }).name).toBe(name);
  });
});
