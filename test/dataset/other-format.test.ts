import { describe, expect, test } from 'bun:test';
import { otherFormat } from '../../src/dataset/other-format.ts';

const WANTED = ['Income', 'Age', 'City'];
const utf8 = (text: string) => new TextEncoder().encode(text);
const of = (text: string) => otherFormat(utf8(text), WANTED);

function utf16(text: string, bigEndian: boolean, mark: boolean): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(mark ? `\uFEFF${text}` : text, 'utf16le'));
  return bigEndian ? new Uint8Array(Buffer.from(bytes).swap16()) : bytes;
}

describe('otherFormat', () => {
  test.each([
    ['Income;Age;City\n1;2;3\n', 'its columns are separated by semicolons; save it with commas'],
    ['\uFEFFIncome;Age;City\r\n', 'its columns are separated by semicolons; save it with commas'],
    ['"Income";"Age";"City"\n', 'separated by semicolons'],
    ['"Income";"Ag', 'separated by semicolons'],
    ['Income (net, monthly);Age;City\n', 'separated by semicolons'],
    ['Income\tAge\tCity\n', 'separated by tabs'],
    ['Income | Age | City\n', 'separated by vertical bars (|)'],
    ['a;b;c\n', 'separated by semicolons'],
    ['\n\nIncome;Age\n', 'separated by semicolons'],
    ['sep=,\nIncome,Age,City\n', "its first line is a 'sep=' for Excel; remove that line"],
    ['"sep=,"\nIncome,Age,City\n', "its first line is a 'sep=' for Excel; remove that line"],
    ['SEP=;\r\nIncome;Age;City\n', 'remove that line, and save it with commas'],
    ['# made in 2026; by hand\nIncome,Age,City\n', 'its first line is a comment; remove the lines above'],
    ['PK\x03\x04\x14\0\x06', 'it is a workbook or an archive'],
  ])('says of %j what it is', (text, said) => {
    expect(of(text)).toContain(said);
  });

  test.each([
    ['sep=,\nIncome,Age', true],
    ['SEP=;\nIncome;Age', false],
  ])('says of %j to remove the line, and no more than that where commas follow', (text, noMore) => {
    expect(of(text)?.endsWith('remove that line')).toBe(noMore);
  });

  test.each([
    [false, true],
    [true, true],
    [false, false],
    [true, false],
  ])('knows UTF-16 (big end first: %p, with a mark: %p)', (bigEndian, mark) => {
    for (const text of ['Income,Age,City\r\n1,2,3\r\n', 'Income\tAge\tCity\n'])
      expect(otherFormat(utf16(text, bigEndian, mark), WANTED)).toStartWith(
        'it is in UTF-16; save it in UTF-8',
      );
  });

  test.each([
    'Income,Age\n1,2\n',
    'Income,Age;x\n',
    '#,Income,Age\n',
    'Income,"A;b;c"\n',
    'name,value\n',
    'Income\n',
    '',
    'one column\n',
    '\0'.repeat(100),
    'Income,Income,Age,City\n',
  ])('says nothing of %j, which has commas and another fault', (text) => {
    expect(of(text)).toBeUndefined();
  });
});
