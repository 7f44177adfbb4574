import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { CsvParser, type CsvRecord } from '../../src/dataset/csv.ts';
import { csvCell } from '../../src/dataset/csv-cell.ts';

const SEED = 20_261_123;

function parse(text: string, maxRecordChars?: number): CsvRecord[] {
  const parser = new CsvParser(maxRecordChars === undefined ? {} : { maxRecordChars });
  return [...parser.push(text), ...parser.end()];
}

const fieldsOf = (text: string) => parse(text).map(({ fields }) => fields);
const faultsOf = (text: string) => parse(text).map(({ line, fault }) => [line, fault]);

describe('CsvParser', () => {
  test.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,',
      [
        ['a', 'b'],
        ['1', ''],
      ],
    ],
    [',\n', [['', '']]],
    ['"a,1","b\nc","d""e",""\n', [['a,1', 'b\nc', 'd"e', '']]],
    ['"a"\r\n', [['a']]],
    ['a', [['a']]],
    [' a , b \n', [[' a ', ' b ']]],
    ['""""', [['"']]],
    ['', []],
  ])('reads %j', (text, records) => {
    expect(fieldsOf(text)).toEqual(records);
  });

  test('skips blank lines and knows every line’s number', () => {
    expect(parse('\na\n\r\n"b\nc"\nd\n\n').map(({ line, fields }) => [line, fields])).toEqual([
      [2, ['a']],
      [4, ['b\nc']],
      [6, ['d']],
    ]);
  });

  test.each([
    ['a"b\n', 'has a quote inside a field that does not begin with one'],
    ['"a"b\n', 'has text between a closing quote and the next comma'],
    ['"a" ,b\n', 'has text between a closing quote and the next comma'],
    ['a\rb\n', 'has a carriage return in the middle; lines end with LF or CRLF'],
    ['a,"b', 'has a quote that is never closed'],
    ['a\r', 'ends with a carriage return; lines end with LF or CRLF'],
  ])('finds the fault of %j', (text, fault) => {
    expect(faultsOf(text)).toEqual([[1, fault]]);
  });

  test('goes on at the line after a fault', () => {
    expect(parse('a,b\nx"y,2\n3,4\n')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: [], fault: 'has a quote inside a field that does not begin with one' },
      { line: 3, fields: ['3', '4'] },
    ]);
  });

  test('bounds a record, so that a quote left open costs some lines and not the file', () => {
    const rows = Array.from({ length: 50 }, (_, i) => `row,${i}`).join('\n');
    const records = parse(`"open\n${rows}\n`, 100);
    expect(records[0]).toMatchObject({
      line: 1,
      fault: expect.stringContaining('longer than 100 characters'),
    });
    expect(records.at(-1)).toEqual({ line: 51, fields: ['row', '49'] });
    expect(records.length).toBeGreaterThan(30);
  });

  test('takes a record of exactly the bound', () => {
    expect(parse('abc,def\n12,45\n', 8).map(({ fault }) => fault)).toEqual([undefined, undefined]);
    expect(parse('abc,defg\n12,45\n', 8).map(({ fault }) => fault !== undefined)).toEqual([true, false]);
  });

  test('keeps no more than a record in memory, however much comes without a line break', () => {
    const parser = new CsvParser({ maxRecordChars: 1000 });
    const piece = 'x'.repeat(1 << 16);
    expect(parser.push(piece)).toEqual([
      { line: 1, fields: [], fault: expect.stringContaining('is longer than 1000 characters') },
    ]);
    for (let i = 0; i < 2000; i++) expect(parser.push(piece)).toEqual([]);
    expect(parser.end()).toEqual([]);
  });

  test(`reads what was written, whatever the cells hold (seed ${SEED})`, () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\r', '\n', ' ', 'é', '1'), maxLength: 6 });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, end) => {
        const text = rows.map((row) => row.map(csvCell).join(',') + end).join('');
        expect(fieldsOf(text)).toEqual(rows);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test(`reads any text the same in any pieces, and loses no line after it (seed ${SEED})`, () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', '\r', '\n'), maxLength: 60 });
    fc.assert(
      fc.property(
        text,
        fc.array(fc.nat(60), { maxLength: 8 }),
        fc.integer({ min: 5, max: 80 }),
        (t, cuts, max) => {
          const places = [0, ...cuts.sort((a, b) => a - b), t.length];
          const parser = new CsvParser({ maxRecordChars: max });
          const pieces = places.slice(1).flatMap((end, i) => parser.push(t.slice(places[i], end)));
          const records = [...pieces, ...parser.end()];
          expect(records).toEqual(parse(t, max));
          for (const [i, { line, fault, fields }] of records.entries()) {
            expect(line).toBeGreaterThan(records[i - 1]?.line ?? 0);
            expect(fault === undefined || fields.length === 0).toBe(true);
          }
          // At most one record is open at the end, and it takes no more than the bound.
          const after = parse(`${t}${'\n'.repeat(max + 1)}c,d\n`, max);
          expect(after.at(-1)?.fields).toEqual(['c', 'd']);
        },
      ),
      { seed: SEED, numRuns: 1000 },
    );
  });
});
