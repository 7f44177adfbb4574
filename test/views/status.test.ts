import { describe, expect, test } from 'bun:test';
import { leftOverOf } from '../../src/views/status.ts';

describe('what is left over', () => {
  test.each([
    [1_000, -1, 'overspending', 'Short by'],
    [1_000, -5_000, 'overspending', 'Short by'],
    [1_000, 0, 'low', 'Left over'],
    [1_000, 99, 'low', 'Left over'],
    [1_000, 100, 'fair', 'Left over'],
    [1_000, 199, 'fair', 'Left over'],
    [1_000, 200, 'healthy', 'Left over'],
    [1_000, 1_000, 'healthy', 'Left over'],
  ] as const)('of %p, with %p left, is %p and called %p', (income, remainder, status, name) => {
    const left = leftOverOf({ income, remainder });
    expect([left.status.name, left.name, left.amount]).toEqual([status, name, Math.abs(remainder)]);
  });

  test('is judged as it is written, so that no word contradicts the number', () => {
    expect(leftOverOf({ income: 50_000, remainder: -0.4 })).toMatchObject({ name: 'Left over', amount: 0 });
    // Written as 10.0 %.
    expect(leftOverOf({ income: 50_000, remainder: 4_999 }).status.name).toBe('fair');
  });

  test('is no share of an income of nothing', () => {
    expect(leftOverOf({ income: 0, remainder: -10 }).share).toBe(0);
    expect(leftOverOf({ income: 0, remainder: 0 }).share).toBe(0);
  });
});
