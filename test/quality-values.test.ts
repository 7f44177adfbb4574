import { describe, expect, test } from 'bun:test';
import { acceptsGzip } from '../src/http/assets.ts';
import { qualityValues } from '../src/quality-values.ts';

describe('qualityValues', () => {
  test.each<[string | undefined, [string, number][]]>([
    [undefined, []],
    ['', []],
    [',, ,', []],
    ['de', [['de', 1]]],
    [
      'a;q=0.2, B ;Q=1.000,c; q=0.5',
      [
        ['b', 1],
        ['c', 0.5],
        ['a', 0.2],
      ],
    ],
    [
      'a;q=0, *;q=0.1',
      [
        ['*', 0.1],
        ['a', 0],
      ],
    ],
    [
      'b, a',
      [
        ['b', 1],
        ['a', 1],
      ],
    ],
    ['a;q=2, b;q=-1, c;q=, d;q=x, e;q=0.1.2, f;r=1, g h, i', [['i', 1]]],
  ])('reads %p', (header, values) => {
    expect(qualityValues(header)).toEqual(values);
  });
});

describe('acceptsGzip', () => {
  test.each<[string | undefined, boolean]>([
    ['gzip', true],
    ['br, GZIP;q=0.1', true],
    ['gzip, deflate, br, zstd', true],
    ['x-gzip', true],
    ['*', true],
    ['br, *;q=0.1', true],
    ['identity, gzip', true],
    [undefined, false],
    ['', false],
    ['br', false],
    ['gzip;q=0', false],
    ['gzip;q=0.000', false],
    ['*;q=0', false],
    ['gzip;q=0, *', false],
    ['gzip;q=0.5, identity', false],
    ['gzipped', false],
  ])('%p: %p', (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted);
  });
});
