import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Explanation } from '../../src/model/explanation.ts';
import { formatFor } from '../../src/views/format.ts';
import { stepsOf } from '../../src/views/result/why.tsx';

const format = formatFor('en-IN', 'INR');
const explanationOf = (base: number, changes: number[], limit: number): Explanation => {
  const unclamped = changes.reduce((sum, change) => sum + change, base);
  const parts = changes
    .map((change, i) => ({ name: `p${i}`, label: `Part ${i}`, change }))
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  return { base, parts, unclamped, limit, amount: unclamped + limit };
};
const steps = (explanation: Explanation, most = 6) =>
  stepsOf(explanation, most, format).map(({ label, text }) => `${label} ${text}`);

describe('the steps from the average to a household', () => {
  test('leave out what rounds to nothing, and take together what is many', () => {
    expect(steps(explanationOf(1000, [500, 0.2, -300], 0))).toEqual(['Part 0 +₹500', 'Part 2 -₹300']);
    expect(steps(explanationOf(1000, [500, -300, 90, 10], -50), 2)).toEqual([
      'Part 0 +₹500',
      'Part 1 -₹300',
      'The rest together +₹100',
      'Limit: what is left over -₹50',
    ]);
  });

  test('are none where nothing moves', () => {
    expect(steps(explanationOf(1000, [0, 0], 0))).toEqual([]);
  });

  const amount = fc.oneof(
    fc.double({ min: -2, max: 2, noNaN: true }),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  );
  test('add up as they are written, and none of them is 0', () => {
    fc.assert(
      fc.property(
        amount,
        fc.array(amount, { minLength: 1, maxLength: 20 }),
        fc.oneof(fc.constant(0), amount),
        fc.constantFrom(3, 6, Number.POSITIVE_INFINITY),
        (base, changes, limit, most) => {
          const explanation = explanationOf(base, changes, limit);
          const found = stepsOf(explanation, most, format);
          const sum = found.reduce((total, { change }) => total + change, Math.round(base));
          expect(sum + 0).toBe(Math.round(explanation.amount) + 0);
          for (const { change, text } of found) {
            expect(change).not.toBe(0);
            expect(text).toBe(format.change(change));
          }
        },
      ),
    );
  });
});
