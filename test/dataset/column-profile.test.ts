import { describe, expect, test } from 'bun:test';
import { profileCsv } from '../../src/dataset/column-profile.ts';
import { sha256 } from '../../src/model/sha256.ts';
import { bytesOf } from '../support/bytes.ts';

const profile = (csv: string, pieceBytes?: number) => profileCsv(bytesOf(csv, pieceBytes));

describe('profileCsv', () => {
  test('says what each column holds', async () => {
    const csv = 'a, b ,c\n1,x,\n-2.5, y ,\n"3",x,7\n1e400,,\n';
    const { rows, columns, sha256: hash } = await profile(csv);
    expect([rows, hash]).toEqual([4, sha256(Buffer.from(csv))]);
    expect(columns).toEqual([
      {
        column: 'a',
        cells: 4,
        numbers: 3,
        grouped: 0,
        areWhole: false,
        min: -2.5,
        max: 3,
        sorted: Float64Array.of(-2.5, 1, 3),
        texts: new Map([
          ['1', 1],
          ['-2.5', 1],
          ['3', 1],
          ['1e400', 1],
        ]),
      },
      expect.objectContaining({
        column: 'b',
        cells: 3,
        numbers: 0,
        texts: new Map([
          ['x', 2],
          ['y', 1],
        ]),
      }),
      expect.objectContaining({ column: 'c', cells: 1, numbers: 1, areWhole: true, min: 7, max: 7 }),
    ]);
  });

  test('is the same however the bytes come', async () => {
    const csv = `a,b\n${Array.from({ length: 500 }, (_, i) => `${i},é${i % 70}`).join('\n')}\n`;
    expect(await profile(csv, 7)).toEqual(await profile(csv));
    expect((await profile(csv)).columns[1]!.texts).toBeUndefined();
  });

  test('keeps an even part of very many numbers', async () => {
    const csv = `a,b\n${Array.from({ length: 300_000 }, (_, i) => `${i},1`).join('\n')}\n`;
    const [a] = (await profile(csv)).columns;
    expect([a!.numbers, a!.min, a!.max]).toEqual([300_000, 0, 299_999]);
    expect(a!.sorted.length).toBeLessThan(140_000);
    expect(Math.abs(a!.sorted[a!.sorted.length >> 1]! - 150_000)).toBeLessThan(3000);
  });

  test('tells numbers that are written for people from other texts', async () => {
    const { columns } = await profile('a,b\n"1,200",x\n£5,y\n"1.000,50",z\n7,7\n');
    expect(columns.map(({ numbers, grouped }) => [numbers, grouped])).toEqual([
      [1, 3],
      [1, 0],
    ]);
  });

  test('passes over rows that do not fit the header', async () => {
    const { rows, columns } = await profile('a,b\n1,2\n1\n1,2,3\n"x\n');
    expect([rows, columns[0]!.cells]).toEqual([1, 1]);
  });

  test.each([
    ['', 'it is empty'],
    ['a;b\n1;2\n', 'its columns are separated by semicolons'],
    ['a\n1\n', 'its header has one column alone'],
    ['a,b,a\n1,2,3\n', 'its header has more than one column a'],
  ])('refuses %j', async (csv, why) => {
    await expect(profile(csv)).rejects.toThrow(`Cannot read the CSV: ${why}`);
  });
});
