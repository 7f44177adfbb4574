import { describe, expect, test } from 'bun:test';
import { unsnap } from '../../../src/dataset/parquet/snappy.ts';

const text = (...bytes: number[]) => new TextDecoder().decode(unsnap(new Uint8Array(bytes), bytes[0]!));
const [a, b] = [97, 98];

describe('unsnap', () => {
  test('unpacks literals and copies, which may overlap', () => {
    // The length, `ab`, then 6 bytes from 2 back.
    expect(text(8, 1 << 2, a, b, ((6 - 4) << 2) | 1, 2)).toBe('abababab');
    expect(text(5, 1 << 2, a, b, (2 << 2) | 2, 2, 0)).toBe('ababa');
    expect(text(5, 1 << 2, a, b, (2 << 2) | 3, 2, 0, 0, 0)).toBe('ababa');
    expect(text(2, 60 << 2, 1, a, b)).toBe('ab');
    expect(text(0)).toBe('');
  });

  test.each([
    ['without a length', []],
    ['of another length than is said', [3, 1 << 2, a, b]],
    ['that goes on behind its length', [1, 1 << 2, a, b]],
    ['with a literal that is cut', [8, 7 << 2, a, b]],
    ['with a literal of four gigabytes, below zero to some', [8, 63 << 2, 0xf0, 0xff, 0xff, 0xff, a, b]],
    ['with a copy from before its beginning', [8, 1 << 2, a, b, (2 << 2) | 1, 3]],
    ['with a copy from nowhere', [8, 1 << 2, a, b, (2 << 2) | 1, 0]],
    ['with a copy beyond its end', [3, 1 << 2, a, b, (2 << 2) | 1, 1]],
  ])('refuses a block %s', (_, bytes) => {
    expect(() => unsnap(new Uint8Array(bytes), bytes[0] ?? 1)).toThrow(RangeError);
  });
});
