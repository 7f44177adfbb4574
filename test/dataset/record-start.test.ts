import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { CsvParser, type CsvRecord } from '../../src/dataset/csv.ts';
import { recordStart } from '../../src/dataset/record-start.ts';

/** Short, so that small files are enough to outlast a record. */
const MAX = 24;

const encode = (text: string) => new TextEncoder().encode(text);

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The end, where no record's start is certain. */
const startFrom = async (bytes: Uint8Array, cut: number, size = 7) =>
  cut + ((await recordStart(inPieces(bytes.subarray(cut), size), MAX)) ?? bytes.length - cut);

function parse(bytes: Uint8Array): Omit<CsvRecord, 'line'>[] {
  const parser = new CsvParser({ maxRecordChars: MAX });
  const records = [...parser.push(new TextDecoder().decode(bytes)), ...parser.end()];
  return records.map(({ line: _, ...record }) => record);
}

/** What a file can be made of: all that means something to a parser, and characters of each length. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', '1', 'é', '₹', '😀', ' ') },
  { weight: 4, arbitrary: fc.constantFrom(',', '"', '\n', '\r\n', '""', '","', '"\n"', '\r') },
  { weight: 1, arbitrary: fc.constantFrom('a,b\n', '"a\nb",c\n', '"x""y"\n', 'a'.repeat(MAX)) },
);
const wildCsv = fc.array(piece, { maxLength: 120 }).map((pieces) => encode(pieces.join('')));

const cell = fc.oneof(
  fc.constantFrom('1', 'é', '😀', ''),
  fc.constantFrom('"a,b"', '"a\nb"', '"\n"', '""', '"x""y"', '","', '",\n"', '"\r\n"'),
);
const record = fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(','));
const goodCsv = fc
  .tuple(fc.array(record, { maxLength: 60 }), fc.constantFrom('\n', '\r\n'))
  .map(([records, end]) => encode(records.map((line) => line + end).join('')));

describe('where a record begins, from the middle of a CSV', () => {
  test.each([
    ['any bytes of CSV', wildCsv],
    ['a good CSV with line breaks in quotes', goodCsv],
  ])('%s: the ranges between cuts hold each record once', async (_, csv) => {
    await fc.assert(
      fc.asyncProperty(csv, fc.array(fc.nat(), { maxLength: 4 }), async (bytes, places) => {
        const cuts = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
        const starts = [0, ...(await Promise.all(cuts.map((cut) => startFrom(bytes, cut)))), bytes.length];
        const ranges = starts.slice(1).map((end, i) => bytes.subarray(starts[i], end));
        expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        expect(ranges.flatMap(parse)).toEqual(parse(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  test('does not depend on the pieces that the bytes come in', async () => {
    await fc.assert(
      fc.asyncProperty(wildCsv, fc.nat(), fc.integer({ min: 1, max: 50 }), async (bytes, place, size) => {
        const cut = place % (bytes.length + 1);
        expect(await startFrom(bytes, cut, size)).toBe(await startFrom(bytes, cut, 1000));
      }),
    );
  });

  test('is found soon: within the longest record and a line', async () => {
    const bytes = encode('12,34,56\n'.repeat(50));
    expect(await startFrom(bytes, 100)).toBeLessThanOrEqual(100 + MAX + 2 * 9);
    const quoted = encode('"12",x,"5\n6"\n'.repeat(50));
    expect(await startFrom(quoted, 100)).toBeLessThanOrEqual(100 + MAX + 2 * 13);
  });

  test.each([
    ['before a record could have been too long', '1,2\n'.repeat(3)],
    ['where a wrong reading of the quotes goes on from fault to fault', '1,"so\n"\n'.repeat(500)],
  ])('is not known %s', async (_, text) => {
    expect(await recordStart(inPieces(encode(text).subarray(2), 7), MAX)).toBeUndefined();
  });
});
