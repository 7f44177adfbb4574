import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openCsvSlice } from '../../../src/cli/scoring/csv-slice.ts';
import { cutsIn, slicesOf } from '../../../src/cli/scoring/slices.ts';
import { readCsv } from '../../../src/dataset/csv-reader.ts';
import { openLocation } from '../../../src/store/location.ts';
import { bytesOf } from '../../support/bytes.ts';

const root = await mkdtemp(join(tmpdir(), 'savings-slices-'));
afterAll(() => rm(root, { recursive: true }));

/** A file as whoever reads its shards finds it: its records, with where each said that it is. */
async function bySlices(csv: string, shards: number) {
  await writeFile(join(root, 'a.csv'), csv);
  const location = openLocation(root);
  const inputs = (await location.list()).filter(({ path }) => path === 'a.csv');
  const slices = Array.from({ length: shards }, (_, shard) => slicesOf(inputs, shard, shards)).flat();
  const found: { fields: string[]; at: number }[][] = [];
  for (const slice of slices) {
    const opened = await openCsvSlice(location, inputs[0]!, slice, () => cutsIn(inputs, 0, shards));
    if (opened === undefined) continue;
    const [header, ...rows] = (await Array.fromAsync(readCsv(opened.bytes))).flat();
    const starts = lineStarts(csv, opened.offset);
    const place = (line: number) => starts[line - opened.linesBefore - 1]!;
    if (found.length === 0)
      found.push([{ fields: header!.fields, at: lineStarts(csv, 0)[header!.line - 1]! }]);
    else expect(header!.fields).toEqual(found[0]![0]!.fields);
    found.push(rows.map(({ fields, line }) => ({ fields, at: place(line) })));
  }
  return found;
}

/** The bytes at which lines begin, from one on. */
function lineStarts(csv: string, offset: number): number[] {
  const bytes = Buffer.from(csv);
  const starts = [offset];
  for (let at = bytes.indexOf('\n', offset); at >= 0; at = bytes.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

async function whole(csv: string) {
  const records = (await Array.fromAsync(readCsv(bytesOf(csv)))).flat();
  const starts = lineStarts(csv, 0);
  return records.map(({ fields, line }) => ({ fields, at: starts[line - 1]! }));
}

const cell = fc.constantFrom('1', 'é', '"a,b"', '"a\nb"', '"x""y"', '');
const record = fc
  .array(cell, { minLength: 1, maxLength: 3 })
  .map((cells) => `${[...cells, '"₹ and\nmore"'].join(',')}\n`);
const csv = fc
  .tuple(
    fc.constantFrom('', '\uFEFF', '\n\n', '\r\n'),
    fc.constantFrom('a,b\n', '"a\nb",c\r\n'),
    fc.array(record, { maxLength: 60 }),
  )
  .map((parts) => parts.flat().join(''));

describe('slices of a CSV', () => {
  test('hold each record once, under the header, and say where it is', async () => {
    await fc.assert(
      fc.asyncProperty(csv, fc.integer({ min: 1, max: 12 }), async (text, shards) => {
        expect((await bySlices(text, shards)).flat()).toEqual(await whole(text));
      }),
      { numRuns: 300 },
    );
  });

  test('are about as long as each other, quotes or not', async () => {
    const rows = (row: string) => `a,b\n${row.repeat(Math.ceil(2_000_000 / row.length))}`;
    for (const text of [rows('1234,5678\n'), rows('1234,"56\n78"\n')]) {
      const lengths = (await bySlices(text, 4)).slice(1).map(({ length }) => length);
      const mean = lengths.reduce((sum, length) => sum + length) / 4;
      expect(lengths).toHaveLength(4);
      for (const length of lengths) expect(Math.abs(length / mean - 1)).toBeLessThan(0.2);
    }
  });

  test('are one where no record certainly begins in the middle', async () => {
    const text = `a,b\n${'1,"so\n"\n'.repeat(300_000)}`;
    const found = await bySlices(text, 3);
    expect(found.map(({ length }) => length)).toEqual([1, 300_000]);
  });
});
