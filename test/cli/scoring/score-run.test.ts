import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { predictCommand } from '../../../src/cli/commands/predict.ts';
import { promoteCommand } from '../../../src/cli/commands/promote.ts';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { testApp } from '../../support/app.ts';
import { run } from '../../support/command.ts';
import { csvRows } from '../../support/csv-rows.ts';
import { testModelDirectory } from '../../support/model.ts';

setDefaultTimeout(60_000);

const models = await testModelDirectory('test-1', 'test-2');
const root = await mkdtemp(join(tmpdir(), 'savings-run-'));
afterAll(() => rm(root, { recursive: true }));

const csvOf = (rows: number, seed: number) => [...sampleCsv(rows, seed)].join('');
const [header, ...rows] = csvOf(3000, 1).trimEnd().split('\n');

let from: string;
let to: string;
let count = 0;
beforeEach(async () => {
  from = join(root, String(++count), 'in');
  to = join(root, String(count), 'out');
  await mkdir(from, { recursive: true });
});

const put = (name: string, content: string | Uint8Array) => writeFile(join(from, name), content);

async function score(args: string[] = [], env: Record<string, string> = {}) {
  return await run(predictCommand, ['--from', from, '--to', to, '--model', models, ...args], { env });
}

/** What predicting the CSV in one piece gives. */
async function predicted(csv: string): Promise<string> {
  return (await run(predictCommand, ['--model', models], { stdin: csv })).stdout;
}

const read = (name: string) => readFile(join(to, name), 'utf8');
const filesOf = async (end: string) =>
  (await readdir(to)).filter((name) => name.startsWith('part-') && name.endsWith(end)).sort();

/** The parts in their order, under one header. */
async function parts(): Promise<string> {
  const texts = await Promise.all(
    (await filesOf('.csv')).filter((name) => !name.includes('rejects')).map(read),
  );
  return texts.map((text, i) => (i === 0 ? text : text.slice(text.indexOf('\n') + 1))).join('');
}

/** Three files, of which the first is long enough to be cut in several places. */
async function putThreeFiles(): Promise<string> {
  await put('a.csv', `${[header, ...rows.slice(0, 2000)].join('\n')}\n`);
  await put('b.csv.gz', gzipSync([header, ...rows.slice(2000, 2300)].join('\n')));
  await put('c.csv', `${[header, ...rows.slice(2300)].join('\r\n')}\r\n`);
  return `${[header, ...rows].join('\n')}\n`;
}

describe('savings predict --from --to', () => {
  test.each([1, 3, 7, 40])('gives, in %p shards, each row once and in its order', async (shards) => {
    const whole = await predicted(await putThreeFiles());
    const { code, stdout } = await score(['--shard', `all/${shards}`]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(shards + 1);
    expect(await parts()).toBe(whole);
    expect(await filesOf('.done.json')).toHaveLength(shards);
    expect(await filesOf('.rejects.csv')).toEqual([]);
  });

  test('the parts hold what a server answers to the same rows', async () => {
    const csv = `${[header, ...rows.slice(0, 900)].join('\n')}\n`;
    await put('a.csv', csv);
    await score(['--shard', 'all/3', '--version', 'test-1']);
    const { app } = await testApp();
    const response = await app.request('/batch', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: csv,
    });
    const answered = csvRows(await response.text());
    const scored = csvRows(await parts());
    const figures = (found: Record<string, string>[]) =>
      found.map(({ prediction, low, high }) => [prediction, low, high]);
    expect(figures(scored)).toEqual(figures(answered));
  });

  test('several processes share the work, one shard each', async () => {
    const whole = await predicted(await putThreeFiles());
    const ran = await Promise.all([2, 0, 1, 1].map((shard) => score(['--shard', `${shard}/3`])));
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await parts()).toBe(whole);
  });

  test('takes its place from the settings of an indexed Job', async () => {
    await putThreeFiles();
    const job = { JOB_COMPLETION_INDEX: '1', SHARD_COUNT: '3' };
    const { code, stdout } = await score([], job);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Shard 1 of 3: \d+ rows scored, 0 rejected, in/),
    ]);
    expect((await score(['--shard', '2/3'], job)).stdout).toStartWith('Shard 2 of 3');
    expect((await score([], { SHARD_COUNT: '3' })).stdout.split('\n')).toHaveLength(4);
    const wrong = await score([], { JOB_COMPLETION_INDEX: '3', SHARD_COUNT: '3' });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('must be less than SHARD_COUNT')]);
  });

  test('names each rejected row by where it is, and never what it holds', async () => {
    const bad = rows.map((row, i) => (i % 500 === 7 ? row.replace(/^[^,]*/, '-987654') : row));
    const csv = `${[header, ...bad].join('\n')}\n`;
    await put('a.csv', csv);
    const { stdout } = await score(['--shard', 'all/4', '--json']);
    const rejected = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).rejects);
    expect(rejected.reduce((sum, more) => sum + more)).toBe(6);
    const sides = await Promise.all((await filesOf('.rejects.csv')).map(read));
    const found = sides.flatMap(csvRows).map(({ offset, line }) => {
      const lines = csv.slice(Number(offset)).split('\n');
      return lines[Number(line) - 1];
    });
    expect(found).toEqual(bad.filter((row) => row.startsWith('-987654')));
    expect(sides.join('')).toContain('column Income: please enter at least 1.');
    expect(sides.join('')).not.toContain('987654');
  });

  test('keeps Parquet as it is, with three columns more, by row groups', async () => {
    const names = header!.split(',');
    const table = rows.slice(0, 1000).map((row) => row.split(','));
    table[123]![0] = '-5';
    const columnData = names.map((name, i) => {
      const texts = table.map((cells) => cells[i]!);
      const isNumber = texts.every((text) => /^-?[\d.]+$/.test(text));
      return isNumber
        ? { name, data: texts.map(Number), type: 'DOUBLE' as const }
        : { name, data: texts, type: 'STRING' as const };
    });
    await put('a.parquet', new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 100 })));
    const { code } = await score(['--shard', 'all/3']);
    expect(code).toBe(0);
    const scored: Record<string, unknown>[] = [];
    for (const name of await filesOf('.parquet')) {
      const bytes = await readFile(join(to, name));
      scored.push(...(await parquetReadObjects({ file: new Uint8Array(bytes).buffer })));
    }
    const csv = `${[header, ...table.map((cells) => cells.join(','))].join('\n')}\n`;
    const expected = csvRows(await predicted(csv));
    expect(scored).toHaveLength(1000);
    expect(scored[123]!.prediction).toBeNull();
    const good = scored.filter((_, i) => i !== 123);
    expect(good.map(({ prediction }) => Number(prediction).toFixed(2))).toEqual(
      expected.map(({ prediction }) => Number(prediction).toFixed(2)),
    );
    const [side] = await filesOf('.rejects.csv');
    expect(csvRows(await read(side!))).toEqual([expect.objectContaining({ file: 'a.parquet', line: '124' })]);
  });

  test('goes on where it ended, and leaves what is done', async () => {
    const whole = await predicted(await putThreeFiles());
    await score(['--shard', '1/4']);
    const { code, stdout } = await score();
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.endsWith('done before'))).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(await parts()).toBe(whole);
    // What is done needs no inputs and no model any more.
    await rm(from, { recursive: true });
    const again = await score(['--model', join(root, 'nowhere')]);
    expect([again.code, again.stderr]).toEqual([0, '']);
  });

  test('what a killed process left counts for nothing', async () => {
    await putThreeFiles();
    await score(['--shard', 'all/3']);
    const [clean, done] = [await parts(), await read('part-00001.done.json')];
    await rm(join(to, 'part-00001.done.json'));
    await writeFile(join(to, 'part-00001.csv'), 'half of a p');
    await score();
    expect([await parts(), await read('part-00001.done.json')]).toEqual([clean, done]);
  });

  test('holds to its model when another is promoted in the middle', async () => {
    const store = await mkdtemp(join(root, 'store-'));
    await cp(models, store, { recursive: true });
    const promote = async (version: string) => {
      const { code } = await run(promoteCommand, [
        version,
        '--channel',
        'batch',
        '--reason',
        'test',
        '--store',
        store,
      ]);
      expect(code).toBe(0);
    };
    const whole = await predicted(await putThreeFiles());
    await promote('test-2');
    const all = ['--model', store, '--version', 'channel:batch'];
    expect((await score([...all, '--shard', '0/2'])).code).toBe(0);
    await promote('test-1');
    expect((await score([...all, '--shard', '1/2'])).code).toBe(0);
    expect(await parts()).toBe(whole);
  });

  test.each<[string, () => ReturnType<typeof score>, string]>([
    [
      'another number of shards',
      () => score(['--shard', '0/3']),
      'it has 2 shards, and 3 are asked for. Ask for 2',
    ],
    [
      'another model',
      () => score(['--version', 'test-1']),
      'its model is test-2, and test-1 is asked for. Leave',
    ],
    [
      'an input that has changed',
      async () => {
        await appendFile(join(from, 'a.csv'), `${rows[0]}\n`);
        return await score();
      },
      'a.csv has changed since it began. Put back what was there, or score into another location.',
    ],
    [
      'an input that is gone',
      async () => {
        await rm(join(from, 'c.csv'));
        return await score();
      },
      'c.csv is gone since it began',
    ],
    [
      'other inputs',
      async () => {
        await cp(from, `${from}-2`, { recursive: true });
        from = `${from}-2`;
        return await score();
      },
      '/in. Give that as --from, or score into another location.',
    ],
    [
      'another version of the program',
      async () => {
        const record = JSON.parse(await read('_run.json'));
        await writeFile(join(to, '_run.json'), JSON.stringify({ ...record, program: '0.0.1' }));
        return await score();
      },
      'it was begun by version 0.0.1 of this program, and this is',
    ],
    [
      'a record that is none',
      async () => {
        await writeFile(join(to, '_run.json'), '{}');
        return await score();
      },
      'Cannot use _run.json in',
    ],
  ])('refuses to go on with %s, for good', async (_, change, told) => {
    await putThreeFiles();
    await score(['--shard', '0/2']);
    const { code, stderr } = await change();
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
  });

  test('leaves out files that came after it began, and says so', async () => {
    const whole = await predicted(await putThreeFiles());
    await score(['--shard', '0/2']);
    await put('d.csv', csvOf(10, 9));
    const { code, stderr } = await score();
    expect([code, stderr]).toEqual([0, expect.stringContaining('1 file came after the run began')]);
    expect(await parts()).toBe(whole);
  });

  test.each<[string, Record<string, string | Uint8Array>, string]>([
    ['nothing', {}, 'it holds no rows, which are read from files that end with .csv'],
    ['nothing that it knows', { 'a.txt': 'x' }, '(and 1 other file)'],
    ['Parquet beside CSV', { 'a.csv': csvOf(1, 1), 'b.parquet': 'PAR1' }, 'it holds both Parquet and CSV'],
    ['no Parquet', { 'a.parquet': 'hello, I am none at all' }, 'Cannot read a.parquet: '],
    [
      'columns that are missing',
      { 'a.csv': 'x,y\n1,2\n' },
      'Cannot score a.csv: its header has no column Income',
    ],
    ['gzip that is none', { 'a.csv.gz': csvOf(1, 1) }, 'Cannot read a.csv.gz: it is not gzip'],
    [
      'other columns in the second file',
      { 'a.csv': csvOf(5, 1), 'b.csv': csvOf(5, 1).replace('Income', 'x,Income').replaceAll('\n', '\n1,') },
      'Cannot score b.csv in the same run as a.csv: its columns are others',
    ],
    [
      'bytes that are no text',
      { 'a.csv': new Uint8Array([...Buffer.from(csvOf(2, 1)), 0xff, 0x0a]) },
      'Cannot score a.csv: line 4 is not UTF-8',
    ],
  ])('refuses %s, for good', async (_, files, told) => {
    for (const [name, content] of Object.entries(files)) await put(name, content);
    const { code, stderr } = await score(['--shard', 'all/1']);
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
    expect((await readdir(to).catch(() => [])).filter((name) => name.startsWith('part-'))).toEqual([]);
  });

  test('passes over empty files, and over names that begin with a dot or an underscore', async () => {
    await putThreeFiles();
    await put('0.csv', '');
    await put('_SUCCESS.csv', 'x');
    await put('.a.csv', 'x');
    await put('notes.txt', 'x');
    const { code, stderr } = await score(['--shard', 'all/1']);
    expect([code, stderr]).toEqual([0, 'savings predict: 1 file ignored, by the extension: notes.txt\n']);
  });

  test.each([
    [['--from', 'x'], '--from and --to go together'],
    [['--shard', '0/1'], '--shard and --json go with --from and --to'],
    [['--from', 'x', '--to', 'y', '--out', 'z.csv'], 'no FILE and no --out'],
    [['--from', 'x', '--to', 'y', '--shard', '1/1'], '--shard must be I/N'],
    [['--from', 'x', '--to', 'y', '--shard', '1'], '--shard must be I/N'],
    [['--from', 'x', '--to', 'y', '--shard', '0/0'], '--shard must be I/N'],
    [['--from', 'x', '--to', 'x/y'], '--to must not be --from, nor inside it'],
    [['--from', 's3://bucket/x', '--to', 's3://bucket/x/y/'], '--to must not be --from, nor inside it'],
    [['--from', 'x', '--to', 's3://bucket/y.csv'], "--to must be a folder or prefix, not a file's name"],
    [['--from', 's3://B/x', '--to', 'y'], 'it must be s3://BUCKET/PREFIX/'],
    [['--from', 'https://x', '--to', 'y'], '--from must be a directory, or s3://BUCKET/PREFIX/'],
    [['--status', 'x', '--to', 'y'], '--status goes with --json'],
  ])('%p is wrong use', async (args, told) => {
    const { code, stderr } = await run(predictCommand, args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
  });
});

describe('savings predict --status', () => {
  test('says what is done, what is missing, and fails until all is done', async () => {
    await putThreeFiles();
    await score(['--shard', '2/6']);
    await score(['--shard', '0/6']);
    const status = (...args: string[]) => run(predictCommand, ['--status', to, ...args]);
    const some = await status();
    expect([some.code, some.stderr]).toEqual([1, '']);
    expect(some.stdout).toMatch(
      /^2 of 6 shards done: \d+ rows scored, 0 rejected\nmissing {3}1, 3-5\nmodel {5}test-2, sha256/,
    );
    const json = JSON.parse((await status('--json')).stdout);
    expect(json).toMatchObject({ shards: 6, done: 2, missing: [1, 3, 4, 5], model: { version: 'test-2' } });
    await score();
    const all = await status();
    expect([all.code, all.stdout]).toEqual([
      0,
      expect.stringContaining('6 of 6 shards done: 3000 rows scored'),
    ]);
  });

  test('fails where no run has begun', async () => {
    const { code, stderr } = await run(predictCommand, ['--status', from]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no _run.json, so none has begun there')]);
  });
});
