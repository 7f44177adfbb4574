import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { csvCell } from '../../src/dataset/csv-cell.ts';

const SEED = 20_261_127;

describe('csvCell', () => {
  test.each([
    '',
    'plain',
    'with space',
    '12.5',
    '-3',
    '+4e-5',
    '-.5',
    ' -5',
    "it's",
    'a=b',
    '₹ 5',
    'me@example.org; you',
    '48.2;-16.3',
    '-1|-2 |3',
    "'=1",
    "x;'=1",
  ])('leaves %j as it is', (text) => {
    expect(csvCell(text)).toBe(text);
  });

  test.each([
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['a\rb', '"a\rb"'],
  ])('quotes %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+cmd', "'+cmd"],
    ['-2+3', "'-2+3"],
    ['-', "'-"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "\t'=1"],
    [' =1', "' =1"],
    ['＝1', "'＝1"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ['\r=1', `"\r'=1"`],
    ['x;=1+1', "x;'=1+1"],
    ['x\t=1+1', "x\t'=1+1"],
    ['x|@SUM(A1)', "x|'@SUM(A1)"],
    ['x,+1+1', `"x,'+1+1"`],
    ['x\n-1+1', `"x\n'-1+1"`],
    ['x\r\n=1', `"x\r\n'=1"`],
    ['x; =1', "x;' =1"],
    ['x;\u00a0=1', "x;'\u00a0=1"],
    ['x;"=1"', `"x;'""=1"""`],
    ['x;＝1', "x;'＝1"],
    ['x;;=1;y;=2', "x;;'=1;y;'=2"],
    ['x;-5', "x;'-5"],
    ["-5,2+cmd|' /C calc'!A0", `"'-5,2+cmd|' /C calc'!A0"`],
  ])('takes the teeth out of %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  test(`leaves no formula wherever a spreadsheet splits, and is the same once more (seed ${SEED})`, () => {
    const unit = fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '＝',
      ';',
      ',',
      '\t',
      '|',
      '\n',
      '\r',
      ' ',
      '"',
      "'",
      'a',
      '1',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const cell = csvCell(text);
        const own = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        const isNumber = (part: string) => /^[\s\d+-]*$/.test(part);
        for (const part of own.split(/[;,\t|\r\n]/)) {
          expect(
            isNumber(own.replaceAll(/[;,\t|]/g, '')) || !/^[\s"]*[=+\-@＝]/.test(part),
            JSON.stringify(own),
          ).toBe(true);
        }
        expect(own.replaceAll("'", '')).toBe(text.replaceAll("'", ''));
        expect(csvCell(own)).toBe(cell);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test('takes no longer for a cell that is made to be slow', () => {
    for (const unit of [';', ' ', '\n', '; ', '"', ';"'])
      expect(csvCell(unit.repeat(60_000 / unit.length)).length).toBeGreaterThan(50_000);
  });
});
