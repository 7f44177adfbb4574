import { describe, expect, test } from 'bun:test';
import { csvCell } from '../../src/dataset/csv-cell.ts';

describe('csvCell', () => {
  test.each(['', 'plain', 'with space', '12.5', '-3', '+4e-5', '-.5', "it's", 'a=b', '₹ 5'])(
    'leaves %j as it is',
    (text) => {
      expect(csvCell(text)).toBe(text);
    },
  );

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
    ['\t=1', "'\t=1"],
    [' =1', "' =1"],
    ['＝1', "'＝1"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ['\r=1', `"'\r=1"`],
  ])('takes the teeth out of %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });
});
