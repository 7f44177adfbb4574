import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCsv } from '../../../src/dataset/csv-reader.ts';
import { outcomeOf } from '../../../src/dataset/outcome.ts';
import { rowsAsCsv } from '../../../src/dataset/parquet/rows-as-csv.ts';
import { GroupScorer } from '../../../src/dataset/parquet/score-group.ts';
import { scoreParquet } from '../../../src/dataset/parquet/score-parquet.ts';
import { readExamples } from '../../../src/dataset/read-examples.ts';
import { describeFault, type RowFault, RowReader } from '../../../src/dataset/row-reader.ts';
import { Random } from '../../../src/dataset/synthetic/random.ts';
import { AppError } from '../../../src/errors.ts';
import type { Model } from '../../../src/model/model.ts';
import { bytesOf } from '../../support/bytes.ts';
import { failure } from '../../support/failure.ts';
import { testModel } from '../../support/model.ts';
import { otherModel } from '../../support/other-models.ts';
import { CSV, hasPyarrow, openBytes, openNamed, readByPyarrow, ROWS, writtenByPyarrow } from './peers.ts';

setDefaultTimeout(60_000);

describe.skipIf(!hasPyarrow)('Parquet', () => {
  let folder: string;
  let model: Model;
  let names: string[];
  /** What the same rows give as a CSV: [rows, 3]. */
  let expected: number[][];

  beforeAll(async () => {
    [folder, model] = await Promise.all([writtenByPyarrow(), testModel()]);
    names = (await readdir(folder)).flatMap((file) => /(.*)\.parquet$/.exec(file)?.[1] ?? []).sort();
    expected = (await predictionsOf(bytesOf(CSV))).map((row) => row.amounts ?? []);
  });

  async function predictionsOf(csv: AsyncIterable<Uint8Array>, by = model) {
    const records = (await Array.fromAsync(readCsv(csv))).flat();
    const reader = new RowReader(records[0], by.inputs);
    return records.slice(1).map((record) => {
      const row = reader.read(record);
      if (!row.ok) return { fault: row.fault };
      const { amount, interval } = by.predict(row.inputs);
      return { amounts: [amount, interval.low, interval.high] };
    });
  }

  async function scored(name: string) {
    const file = await openNamed(folder, name);
    const faults: RowFault[] = [];
    const pieces = await Array.fromAsync(
      scoreParquet(file, model, { onFault: (fault) => faults.push(fault) }),
    );
    return { bytes: new Uint8Array(Buffer.concat(pieces)), faults };
  }

  async function writeScored(...which: string[]) {
    for (const name of which)
      await writeFile(join(folder, `${name}.out.parquet`), (await scored(name)).bytes);
    return readByPyarrow(folder, which);
  }

  const beginningWith = (...starts: string[]) =>
    names.filter((name) => name !== 'packed-lz4' && starts.some((start) => name.startsWith(start)));

  test('gives the predictions of the same rows in a CSV, bit for bit, however it is packed and typed', async () => {
    const which = beginningWith('packed-', 'typed-');
    expect(which.length).toBeGreaterThan(25);
    for (const name of which) {
      const file = await openNamed(folder, name);
      const scorer = new GroupScorer(file, model);
      const amounts: number[] = [];
      for (const group of file.rowGroups) {
        const { amounts: some, faults } = await scorer.score(group);
        expect([name, [...faults]]).toEqual([name, []]);
        amounts.push(...some);
      }
      expect([name, amounts]).toEqual([name, expected.flat()]);
    }
  });

  test('is read by pyarrow as it was, types and all, with three columns of float64', async () => {
    const which = beginningWith('packed-zstd', 'packed-checksums', 'typed-', 'carried');
    const found = await writeScored(...which);
    for (const name of which) {
      const { amounts, ...rest } = found[name]!;
      expect([name, rest]).toEqual([
        name,
        {
          rows: ROWS,
          same: true,
          sameTypes: true,
          added: ['double', 'double', 'double'],
          createdBy: 'savings',
        },
      ]);
      expect(amounts).toEqual([0, 1, 2].map((column) => expected.map((row) => row[column]!)));
    }
  });

  test('keeps a bad row in its place, with nulls, and says of it what a CSV of it would', async () => {
    const { faults } = await scored('bad-rows');
    const asCsv = rowsAsCsv(await openNamed(folder, 'bad-rows'));
    const messages = (await predictionsOf(asCsv)).flatMap(({ fault }, i) =>
      fault === undefined ? [] : [`row ${i + 1}: ${fault.message}`],
    );
    expect(faults.map(describeFault)).toEqual(messages);
    expect(faults.map(({ line }) => line)).toEqual([2, 103, 104, 105]);
    expect(messages.join()).not.toMatch(/-5|Astronaut/);
    const { amounts, same } = (await writeScored('bad-rows'))['bad-rows']!;
    expect(same).toBe(true);
    for (const column of amounts)
      expect(column.flatMap((value, i) => (value === null ? [i + 1] : []))).toEqual([2, 103, 104, 105]);
  });

  test('gives the same bytes each time, and a file without rows one without rows', async () => {
    expect((await scored('carried')).bytes).toEqual((await scored('carried')).bytes);
    expect((await writeScored('empty')).empty).toMatchObject({ rows: 0, same: true, amounts: [[], [], []] });
  });

  test('is what its rows are as a CSV, for whoever reads a CSV', async () => {
    const outcome = outcomeOf({ column: 'Desired_Savings' });
    const read = (csv: AsyncIterable<Uint8Array>) => readExamples(csv, model.inputs.features, outcome);
    const { examples } = await read(bytesOf(CSV));
    for (const name of beginningWith('packed-snappy', 'typed-small', 'typed-decimals'))
      expect((await read(rowsAsCsv(await openNamed(folder, name)))).examples).toEqual(examples);
  });

  test('takes choices from texts of any kind, whole numbers and booleans, as a CSV of them would', async () => {
    const { model: trunks } = await otherModel('trunks');
    for (const name of beginningWith('trunks-')) {
      const file = await openNamed(folder, name);
      const [group] = file.rowGroups;
      const { amounts, faults } = await new GroupScorer(file, trunks).score(group!);
      const asCsv = await predictionsOf(rowsAsCsv(file), trunks);
      const rows = asCsv.map(({ amounts }) => amounts ?? [Number.NaN, Number.NaN, Number.NaN]);
      expect([name, [...amounts]]).toEqual([name, rows.flat()]);
      expect([...faults].map(({ message }) => message)).toEqual(
        asCsv.flatMap(({ fault }) => fault?.message ?? []),
      );
      expect(faults.length).toBe(name.startsWith('trunks-text') ? 2 : 8);
    }
  });

  test('writes every type that a cell can hold', async () => {
    const csv = await Array.fromAsync(rowsAsCsv(await openNamed(folder, 'carried-flat')));
    const [header, first, second] = (await Array.fromAsync(readCsv(bytesOf(Buffer.concat(csv))))).flat();
    const cells = (fields: string[]) =>
      Object.fromEntries(header!.fields.map((name, i) => [name, fields[i]]).slice(27));
    expect(cells(first!.fields)).toEqual({
      boolean: 'true',
      date: '1969-07-20',
      time: '23:59:59.999999',
      millis: '2026-01-02T03:04:05',
      micros: '2026-11-27T01:02:03.456789Z',
      nanos: '2023-11-14T22:13:20.123456789',
      decimal: '-12345678901234567890.123456789',
      unsigned: '18446744073709551615',
      half: '003e',
      bytes: '00ff',
      text: 'a "quoted", text\nof two lines',
    });
    expect(cells(second!.fields)).toMatchObject({ boolean: '', text: '' });
    const int96 = await Array.fromAsync(rowsAsCsv(await openNamed(folder, 'carried-int96')));
    expect(Buffer.concat(int96).toString()).toContain(',2026-11-27T01:02:03.456789\n');
  });

  test.each([
    ['refused-nested', 'invalid', 'column Income is a list, a map or a struct where numbers are needed'],
    [
      'refused-types',
      'invalid',
      'column Income is of type timestamp where numbers are needed; ' +
        'column Age is of type boolean where numbers are needed',
    ],
    ['refused-missing', 'invalid', 'it has no column Rent'],
    ['refused-taken', 'invalid', 'it has a column low already; rename or remove it'],
    ['refused-encrypted', 'invalid', 'it is encrypted'],
    ['refused-encrypted-columns', 'invalid', 'it is encrypted'],
    ['packed-lz4', 'invalid', 'is compressed with LZ4'],
  ] as const)('is refused, with what is wrong and no value: %s', async (name, code, message) => {
    const said = await failure(scored(name), code);
    expect(said).toContain(message);
    expect(said).toStartWith('Cannot ');
    expect(said).toContain(`${name}.parquet`);
  });

  test('columns of lists are no cells, and their names steer no terminal', async () => {
    const work = Array.fromAsync(rowsAsCsv(await openNamed(folder, 'refused-as-csv')));
    expect(await failure(work, 'invalid')).toBe(
      'Cannot read refused-as-csv.parquet: column es?cape is a list, a map or a struct. Write it without.',
    );
  });

  test('rows of other columns are not written beside', async () => {
    const [a, b] = await Promise.all([
      openNamed(folder, 'typed-small'),
      openNamed(folder, 'packed-one-group'),
    ]);
    const { PartWriter } = await import('../../../src/dataset/parquet/part-writer.ts');
    const part = new PartWriter(a);
    const group = b.rowGroups[0]!;
    const work = Array.fromAsync(part.append(b, group, await new GroupScorer(b, model).score(group)));
    expect(await failure(work, 'invalid')).toContain('packed-one-group.parquet');
  });

  test('a row group that would not fit in memory is refused before it is read', async () => {
    const file = await openNamed(folder, 'packed-one-group');
    const [group] = file.rowGroups;
    const scorer = new GroupScorer(file, model);
    const many = { ...group!, rows: 100_000_000 };
    expect(await failure(scorer.score(many), 'too_large')).toContain('100000000 rows');
    const chunks = group!.chunks.map((chunk) => ({
      ...chunk,
      meta: { ...chunk.meta, total_uncompressed_size: 1n << 40n },
    }));
    expect(await failure(scorer.score({ ...group!, chunks }), 'too_large')).toContain('268435456 bytes');
  });

  test('one that was cut anywhere is refused as a whole', async () => {
    const bytes = await readFile(join(folder, 'packed-one-group.parquet'));
    for (const length of [0, 3, 11, 12, 100, bytes.length >> 1, bytes.length - 1])
      await failure(openBytes(bytes.subarray(0, length)), 'corrupt');
    await failure(openBytes(new TextEncoder().encode(CSV)), 'corrupt');
  });

  test('whatever bytes are changed, it is read or refused', async () => {
    const random = new Random(Number(process.env.SEED ?? 1));
    const files = [
      'packed-snappy-1.0-dictionary',
      'packed-gzip-2.0-plain',
      'packed-encodings',
      'carried-flat',
    ];
    let refusals = 0;
    for (const name of files) {
      const whole = await readFile(join(folder, `${name}.parquet`));
      const footer = whole.readUInt32LE(whole.length - 8);
      for (let round = 0; round < 80; round++) {
        const bytes = new Uint8Array(whole);
        // Half of the rounds spoil the footer, which is small beside the rest.
        const from = round % 2 === 0 ? 0 : bytes.length - footer - 8;
        for (let i = 0; i < 1 + (round % 8); i++)
          bytes[random.integer(from, bytes.length - 1)] = random.integer(0, 255);
        try {
          const file = await openBytes(bytes);
          for await (const _ of scoreParquet(file, model, { onFault: () => {} }));
          for await (const _ of rowsAsCsv(file));
        } catch (error) {
          if (!(error instanceof AppError)) throw new Error(`${name}, round ${round}`, { cause: error });
          refusals++;
        }
      }
    }
    expect(refusals).toBeGreaterThan(20);
  });
});
