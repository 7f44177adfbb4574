import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { lowerMedian } from '../../src/forest/median.ts';

test('lowerMedian is the middle value, or the lower of the two', () => {
  expect(lowerMedian(Float64Array.of(3))).toBe(3);
  expect(lowerMedian(Float64Array.of(9, 1))).toBe(1);
  expect(lowerMedian(Float64Array.of(4, 1, 3, 2))).toBe(2);
  const values = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, (list) => {
      const sorted = [...list].sort((a, b) => a - b);
      // == on purpose: either zero will do here; the parity tests hold the sign.
      expect(lowerMedian(Float64Array.from(list)) === sorted[(list.length - 1) >> 1]).toBe(true);
    }),
    { seed: 1, numRuns: 300 },
  );
});
