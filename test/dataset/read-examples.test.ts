import { describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { outcomeOf } from '../../src/dataset/outcome.ts';
import { readExamples } from '../../src/dataset/read-examples.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { acceptedFeatures } from '../../src/training/model-description.ts';
import { drawExamples } from '../../src/training/sample.ts';
import { SAVINGS } from '../../src/training/savings.ts';
import { bytesOf } from '../support/bytes.ts';

const features = acceptedFeatures(SAVINGS);
const read = (text: string, pieceBytes?: number) =>
  readExamples(bytesOf(text, pieceBytes), features, outcomeOf(SAVINGS.target));

const csv = [...sampleCsv(300, 5)].join('');
const lines = csv.trimEnd().split('\n');
const names = lines[0].split(',');
/** The file with one cell of one line (from 1) changed. */
const withCell = (text: string[], line: number, column: string, value: string) =>
  text.map((row, i) =>
    i + 1 === line
      ? row
          .split(',')
          .map((cell, c) => (names[c] === column ? value : cell))
          .join(',')
      : row,
  );

describe('readExamples', () => {
  test('reads from the CSV of synthetic households the very households', async () => {
    for (const pieceBytes of [100, 65_536]) {
      const { examples, sha256 } = await read(csv, pieceBytes);
      expect(examples).toEqual(drawExamples(300, 5));
      expect(sha256).toBe(createHash('sha256').update(csv).digest('hex'));
    }
  });

  test('reads columns in any order, with CRLF, a byte order mark and quotes', async () => {
    const turned = lines.map((line) =>
      line
        .split(',')
        .reverse()
        .map((cell) => `"${cell}"`)
        .join(','),
    );
    expect((await read(`\uFEFF${turned.join('\r\n')}`)).examples).toEqual(drawExamples(300, 5));
  });

  test('refuses a file with bad rows, and lists them with line, column and what was expected', async () => {
    let bad = withCell(lines, 3, 'Rent', 'a lot');
    bad = withCell(bad, 17, 'Income', '0');
    bad = withCell(bad, 301, 'Desired_Savings', '');
    await expect(read(bad.join('\n'))).rejects.toThrow(
      [
        'Cannot train on the CSV: it has 3 bad rows.',
        'line 3: column Rent: please enter a number from 0 to 10000000.',
        'line 17: column Income: please enter at least 1.',
        'line 301: column Desired_Savings: please enter a number.',
      ].join('\n'),
    );
  });

  test('lists the first twenty bad rows and counts the others', async () => {
    const bad = [lines[0], ...lines.slice(1, 51).map(() => 'x')];
    const message = await read(bad.join('\n')).catch((error: Error) => error.message);
    const report = String(message).split('\n');
    expect(report[0]).toContain('it has 50 bad rows');
    expect(report[20]).toBe('line 21: has 1 field where the header has 27');
    expect(report[21]).toBe('and 30 more');
    expect(report).toHaveLength(22);
  });

  test('refuses a file without a header that fits, or without anything', async () => {
    await expect(read('')).rejects.toThrow('it is empty');
    await expect(read(lines.slice(1).join('\n'))).rejects.toThrow('its header has no column Income, Age');
  });

  test('tells how many rows have been read', async () => {
    const seen: number[] = [];
    await readExamples(bytesOf(csv, 5000), features, outcomeOf(SAVINGS.target), (rows) => seen.push(rows));
    expect(seen.at(-1)).toBe(300);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });
});
