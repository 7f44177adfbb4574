import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type CsvChunk, readRecord, RecordSplitter } from '../../../src/dataset/bytes/record-splitter.ts';
import { readChunks } from '../../../src/dataset/bytes/read-chunks.ts';
import type { CsvRecord } from '../../../src/dataset/csv.ts';
import { readCsv } from '../../../src/dataset/csv-reader.ts';
import { bytesOf } from '../../support/bytes.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);

const utf8 = new TextEncoder();

/** Each chunk's records read alone, as a thread that has nothing but the chunk reads them. */
function recordsOf({ bytes, line, ends, rows }: CsvChunk): CsvRecord[] {
  const records: CsvRecord[] = [];
  let from = 0;
  let at = line;
  for (const end of ends) {
    const part = bytes.subarray(from, end);
    const record = readRecord(part, at);
    if (record !== undefined) records.push(record);
    at += part.filter((byte) => byte === 10).length;
    from = end;
  }
  expect([from, records.length]).toEqual([bytes.length, rows]);
  return records;
}

async function split(text: string, pieceBytes: number): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const chunk of readChunks(bytesOf(text, pieceBytes))) records.push(...recordsOf(chunk));
  return records;
}

async function read(text: string): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const batch of readCsv(bytesOf(text)))
    records.push(...batch.map(({ opening: _, ...record }) => record));
  return records;
}

describe(`chunks hold the records that CsvReader reads (FUZZ_SEED=${SEED})`, () => {
  test('in texts of all that matters to a CSV, in pieces of any size', async () => {
    const unit = fc.constantFrom('a', '"', '"', ',', '\r', '\n', '\n', 'é', '😀', '\uFEFF', '""', '\r\n');
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit, maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        async (text, size) => {
          expect(await split(text, size)).toEqual(await read(text));
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
  });

  test.each(['', '"', ',"', '"",'])(
    'at the greatest length of a record that begins with %p',
    async (start) => {
      for (const char of ['x', 'é', '日', '😀', '\n', '\r', '"']) {
        for (let length = 65_530; length <= 65_540; length++) {
          for (const end of ['\nnext,1\n', '"\nnext,1\n', 'é"\r\nnext\n', '']) {
            const most = start + 'x'.repeat(65_536);
            const text = `${most.slice(0, length)}${char.repeat(3)}${end}`;
            expect(await split(text, 20_000)).toEqual(await read(text));
          }
        }
      }
    },
  );

  test('wherever the file is cut and another goes on', () => {
    const text = `\uFEFFa,b\n1,"x\ny"\n"open" 2,${'é'.repeat(9)}\n\n3,4\r\n5,6`;
    const bytes = utf8.encode(text);
    const whole = [...new RecordSplitter().push(bytes)].flatMap(recordsOf);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const first = new RecordSplitter();
      const records = [...first.push(bytes.subarray(0, cut))].flatMap(recordsOf);
      const columns = records.length > 0 ? 2 : undefined;
      const second = new RecordSplitter({ from: first.position, columns });
      records.push(...[...second.push(bytes.subarray(first.position.at))].flatMap(recordsOf));
      expect(records).toEqual(whole);
      expect(second.position).toEqual({ at: bytes.length - 3, line: 7, skipping: false });
    }
  });
});

describe('RecordSplitter', () => {
  test('gives the header alone, with the beginning of the file, and then as many rows as may be', () => {
    const text = `\n${'h,'.repeat(20_000)}\n${'x\n'.repeat(1_000)}`;
    const chunks = [...new RecordSplitter().push(utf8.encode(text))];
    expect(chunks[0].opening).toHaveLength(4_096);
    expect(chunks[0].rows).toBe(1);
    // 52 rows of so many cells are a million.
    expect(chunks.slice(1).every(({ rows, opening }) => rows <= 52 && opening === undefined)).toBe(true);
    expect(chunks.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_001);
  });

  test('keeps no more of a record without an end than it may have', () => {
    const splitter = new RecordSplitter();
    const faults: CsvRecord[] = [];
    const push = (text: string) => faults.push(...[...splitter.push(utf8.encode(text))].flatMap(recordsOf));
    push('a,b\n"');
    push(`\n${'x'.repeat(80_000)}`);
    expect(faults.at(-1)?.fault).toContain('longer than 65536 characters');
    for (let i = 0; i < 10; i++) push('y'.repeat(100_000));
    expect(splitter.position).toEqual({ at: 5 + 80_001 + 1_000_000, line: 3, skipping: true });
    push('\nc,d\n');
    expect(faults.slice(2)).toEqual([{ line: 4, fields: ['c', 'd'] }]);
  });

  test.each(['\n', '\r\n', '""\n'])('keeps few of the blank lines between rows: %j', (blank) => {
    const text = utf8.encode(`a,b\n${blank.repeat(50_000)}1,2\n${blank.repeat(50_000)}3,4\n`);
    const [header, ...chunks] = [...new RecordSplitter().push(text)];
    expect(header.rows).toBe(1);
    expect(chunks.flatMap(recordsOf).map(({ line }) => line)).toEqual([50_002, 100_003]);
    for (const { ends } of chunks) expect(ends.length).toBeLessThan(10_000);
  });

  test('gives exactly as many rows as there may be, blank lines not counted, and then refuses', () => {
    const text = utf8.encode(`a,b\n${'1,2\n\n'.repeat(10)}\n\n`);
    expect([...new RecordSplitter({ maxRows: 10 }).push(text)].map(({ rows }) => rows)).toEqual([1, 10]);
    let rows = 0;
    const tooMany = () => {
      for (const chunk of new RecordSplitter({ maxRows: 9 }).push(text)) rows += chunk.rows;
    };
    expect(tooMany).toThrow('it has more than 9 rows; split it.');
    expect(rows).toBe(1 + 9);
  });
});
