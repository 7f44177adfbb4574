import { describe, expect, test } from 'bun:test';
import { JoinedCsv } from '../../src/dataset/joined-csv.ts';
import { bytesOf } from '../support/bytes.ts';
import { failure } from '../support/failure.ts';

const joinedOf = (texts: string[], pieceBytes?: number) =>
  new JoinedCsv(texts.map((text, i) => ({ name: `${i}.csv`, csv: () => bytesOf(text, pieceBytes) })));

const textOf = async (csv: JoinedCsv) => {
  let text = '';
  for await (const piece of csv.read()) text += Buffer.from(piece).toString('latin1');
  return Buffer.from(text, 'latin1').toString('utf8');
};

describe('JoinedCsv', () => {
  test.each([1, 2, 7, 1000])(
    'is the rows of all files behind one header, in pieces of %d bytes',
    async (size) => {
      const files = [
        '\uFEFFä,"b\nb"\n1,2\n',
        'ä,b\n3,4'.replace('b', '"b\nb"'),
        '\uFEFF"ä","b\nb"\r\n',
        'ä,"b\nb"\r\n5,"6\n6"\r\n',
      ];
      const csv = joinedOf(files, size);
      const expected = '\uFEFFä,"b\nb"\n1,2\n3,4\n5,"6\n6"\r\n';
      expect(await textOf(csv)).toBe(expected);
      // As often as it is asked for.
      expect(await textOf(csv)).toBe(expected);
      expect([3, 4, 5].map((line) => csv.locate(line))).toEqual([
        { name: '0.csv', line: 3 },
        { name: '1.csv', line: 3 },
        { name: '3.csv', line: 3 },
      ]);
    },
  );

  test.each([
    [
      'other columns',
      ['a,b\n1,2\n', 'b,a\n1,2\n'],
      '1.csv with the files before it: its columns are not those of 0.csv',
    ],
    ['fewer columns', ['a,b\n1,2\n', 'a\n1\n'], '1.csv with the files before it: its columns'],
    ['no header', ['a,b\n1,2\n', ''], '1.csv with the files before it: its columns'],
    ['an open quote', ['a,b\n1,"2\n', 'a,b\n1,2\n'], '0.csv with the files before it: its quotation marks'],
    [
      'a header without an end',
      ['a,b\n1,2\n', `"${'a'.repeat(70_000)}`],
      '1.csv with the files before it: its header does not end',
    ],
  ])('refuses %s, by the name of the file', async (_, files, told) => {
    expect(await failure(textOf(joinedOf(files, 4096)), 'invalid')).toContain(told);
  });
});
