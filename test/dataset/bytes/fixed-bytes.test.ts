import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { FixedBytes } from '../../../src/dataset/bytes/fixed-bytes.ts';
import { fixed } from '../../../src/model/fixed.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const RUNS = Number(process.env.FUZZ_RUNS ?? 20_000);

function written(value: number, decimals: number): string {
  const bytes = new Uint8Array(2 + FixedBytes.LONGEST);
  const end = new FixedBytes(decimals).write(value, bytes, 1);
  expect(end).toBeLessThanOrEqual(1 + FixedBytes.LONGEST);
  expect([bytes[0], bytes[end]]).toEqual([0, 0]);
  return new TextDecoder().decode(bytes.subarray(1, end));
}

test(`writes what toFixed does, to the last digit (FUZZ_SEED=${SEED})`, () => {
  const nearHalf = fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -4, max: 4 }))
    .map(([whole, steps]) => {
      const half = (whole + 0.5) / 100;
      return half + steps * Number.EPSILON * Math.abs(half);
    });
  const value = fc.oneof(
    fc.double({ min: -1e7, max: 1e7, noNaN: true }),
    nearHalf,
    fc.double({ noNaN: true }),
    fc.constantFrom(
      0,
      -0,
      0.004999999999999999,
      0.005,
      1.005,
      8.345,
      -0.001,
      -0.005,
      999.995,
      1e21,
      2 ** 53,
      0.5,
      1.5,
    ),
  );
  fc.assert(
    fc.property(value, fc.nat(6), (one, decimals) => {
      expect(written(one, decimals)).toBe(fixed(one, decimals));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
