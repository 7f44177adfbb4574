import { describe, expect, test } from 'bun:test';
import { counted } from '../../src/model/counted.ts';

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
