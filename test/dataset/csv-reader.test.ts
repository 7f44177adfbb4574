import { describe, expect, test } from 'bun:test';
import type { CsvRecord } from '../../src/dataset/csv.ts';
import { readCsv } from '../../src/dataset/csv-reader.ts';
import { bytesOf } from '../support/bytes.ts';

async function read(source: AsyncIterable<Uint8Array>): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const batch of readCsv(source))
    records.push(...batch.map(({ opening: _, ...record }) => record));
  return records;
}

describe('readCsv', () => {
  test('gives few records at a time, however much a source gives', async () => {
    const source = async function* () {
      yield new TextEncoder().encode('a\n'.repeat(200_000));
    };
    const counts: number[] = [];
    for await (const batch of readCsv(source())) counts.push(batch.length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(200_000);
    expect(Math.max(...counts)).toBeLessThan(40_000);
  });

  test('reads UTF-8 in pieces of any size, with a byte order mark or without', async () => {
    const text = 'név,₹\n"Ünal, Ő",1\n';
    const expected = [
      { line: 1, fields: ['név', '₹'] },
      { line: 2, fields: ['Ünal, Ő', '1'] },
    ];
    for (const size of [1, 2, 3, 7, 100]) {
      expect(await read(bytesOf(text, size))).toEqual(expected);
      expect(await read(bytesOf(`\uFEFF${text}`, size))).toEqual(expected);
    }
  });

  test.each([
    ['Windows-1252', [0x61, 0x0a, 0x62, 0x0a, 0xe9, 0x0a], 3],
    ['UTF-8 that is cut off', [0x61, 0x0a, 0xe2, 0x82], 2],
    ['a wrong byte after a sign that stands for one', [0xef, 0xbf, 0xbd, 0x0a, 0x0a, 0xff, 0x0a], 3],
    ['half a character, then another', [0x61, 0x0a, 0xef, 0xbf, 0x0a, 0x61], 2],
    ['a wrong byte far behind a character of several', [0xc3, 0xa9, 0x0a, 0x62, 0x0a, 0x0a, 0x80], 4],
  ])('refuses %s, and says on which line, in pieces of any size', async (_, bytes, line) => {
    for (const size of [1, 2, 3, 100]) {
      async function* source() {
        for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.slice(at, at + size));
      }
      await expect(read(source())).rejects.toThrow(
        `Cannot read the CSV: line ${line} is not UTF-8; save the file as 'CSV UTF-8'.`,
      );
    }
  });

  test('stops reading its source when its reader stops', async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield new TextEncoder().encode('a,b\n');
      } finally {
        closed = true;
      }
    }
    for await (const _ of readCsv(source())) break;
    expect(closed).toBe(true);
  });
});
