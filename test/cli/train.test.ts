import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { showCommand } from '../../src/cli/commands/show.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { checkArtifact } from '../../src/model/artifact/artifact.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import { sha256 } from '../../src/model/sha256.ts';
import { VERSION } from '../../src/version.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { run, runSavings, runShell, SAVINGS, startSavings } from '../support/command.ts';

// Real training and real processes take their time on a busy machine.
setDefaultTimeout(60_000);

let directory: string;
let data: string;
const csv = [...sampleCsv(900, 5)].join('');
const small = ['--trees', '6', '--depth', '6'];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'savings-train-'));
  data = join(directory, 'data.csv');
  await writeFile(data, csv);
});
afterAll(() => rm(directory, { recursive: true }));

const freshOut = () => mkdtemp(join(directory, 'out-'));
const versionsIn = (out: string) => readdir(join(out, 'versions')).catch(() => []);

/** The files of one version, which must be whole. */
async function readVersion(out: string, version: string) {
  const folder = join(out, 'versions', version);
  const files = new Map<string, Uint8Array>();
  for (const path of await readdir(folder)) files.set(path, await readFile(join(folder, path)));
  return checkArtifact(files);
}

describe('savings train', () => {
  test('turns a CSV into a version that loads', async () => {
    const out = await freshOut();
    const { code, stdout } = await runSavings(['train', '--data', data, '--out', out, ...small]);
    expect(code).toBe(0);
    const [version] = await versionsIn(out);
    expect(version).toMatch(/^csv-\d{8}-[0-9a-f]{8}$/);
    expect(stdout).toContain(`Wrote ${join(out, 'versions', version)}`);

    const model = await loadModel(await readVersion(out, version), { spawn: spawnLoadWorker });
    expect(model.manifest).toMatchObject({
      data: { source: 'data.csv', sha256: sha256(Buffer.from(csv)), licence: 'not stated' },
      trainer: {
        rows: 540,
        calibrationRows: 180,
        holdoutRows: 180,
        options: { nEstimators: 6, maxDepth: 6 },
      },
    });
    expect(model.predict(model.inputs.defaults()).amount).toBeGreaterThan(0);
  });

  test('draws a sample where no data is given', async () => {
    const out = await freshOut();
    const { code, stdout } = await run(trainCommand, ['--sample', '400', '--out', out, '--json', ...small]);
    expect(code).toBe(0);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ created: true, path: join(out, 'versions', told.version) });
    const artifact = await readVersion(out, told.version);
    expect(told.manifestSha256).toBe(artifact.manifestSha256);
    expect(told.metrics).toEqual(artifact.manifest.metrics);
  });

  test('reads standard input, and takes every option into the manifest', async () => {
    const out = await freshOut();
    const options = ['--version', 'spring', '--holdout', '0.3', '--source', 'Survey', '--licence', 'CC0'];
    const forest = ['--node-size', '9', '--features', '0.8', '--seed', '7', '--workers', '1'];
    const { code } = await run(trainCommand, ['--data', '-', '--out', out, ...options, ...forest, ...small], {
      stdin: csv,
      env: { GIT_SHA: 'abcdef1' },
    });
    expect(code).toBe(0);
    const { manifest } = await readVersion(out, 'spring');
    expect(manifest).toMatchObject({
      version: 'spring',
      gitSha: 'abcdef1',
      data: { source: 'Survey', licence: 'CC0' },
      trainer: { seed: 7, rows: 360, holdoutRows: 270, options: { minNumSamples: 9, maxFeatures: 0.8 } },
    });
  });

  test('takes what kind of data it is, and of which year', async () => {
    const out = await freshOut();
    const said = ['--data-kind', 'survey', '--data-year', '2023', '--source', 'Survey of towns.'];
    const { code } = await run(trainCommand, [
      '--data',
      data,
      '--out',
      out,
      '--version',
      's',
      ...said,
      ...small,
    ]);
    expect(code).toBe(0);
    const { manifest, files } = await readVersion(out, 's');
    expect(manifest).toMatchObject({ format: 'savings-model/2', data: { kind: 'survey', year: 2023 } });
    const sentence = 'Learned from 540 surveyed households (Survey of towns, 2023)';
    expect(Buffer.from(files.get('MODEL_CARD.md')!).toString()).toContain(sentence);
    const show = await run(showCommand, ['s', '--store', out]);
    expect(show.stdout).toContain(sentence);
    expect(show.stdout).toMatch(/^brackets +\d/m);
  });

  test('finds splits by the method that it is asked for, and says so', async () => {
    const out = await freshOut();
    const args = ['--data', data, '--out', out, '--version', 'h', '--method', 'histogram', ...small];
    const { code, stdout } = await run(trainCommand, args);
    expect(code).toBe(0);
    expect(stdout).toContain('trained on 540 rows, from histograms (chosen by --method)');
    const { manifest, files } = await readVersion(out, 'h');
    expect(manifest.format).toBe('savings-model/2');
    expect(manifest.trainer).toMatchObject({
      library: 'savings',
      libraryVersion: VERSION,
      method: { name: 'histogram', chosenBy: 'option' },
    });
    const sentence = 'up to 256 bins a column (the histogram method, as it was asked to)';
    expect(Buffer.from(files.get('MODEL_CARD.md')!).toString()).toContain(sentence);
    await loadModel(await readVersion(out, 'h'), { spawn: spawnLoadWorker });
  });

  test('finds them among all values where rows are few', async () => {
    const out = await freshOut();
    const { stdout } = await run(trainCommand, ['--data', data, '--out', out, '--version', 'e', ...small]);
    expect(stdout).toContain('trained on 540 rows, by the exact method (chosen for their number)');
    const { manifest, files } = await readVersion(out, 'e');
    expect(manifest.trainer.method).toEqual({ name: 'exact', chosenBy: 'rows' });
    expect(Buffer.from(files.get('MODEL_CARD.md')!).toString()).toContain('found among all values');
  });

  test.each(['split-conformal', 'conformal-quantiles'])(
    'makes intervals by %s, when asked',
    async (method) => {
      const out = await freshOut();
      const args = ['--data', data, '--out', out, '--version', 's', '--interval', method, ...small];
      expect((await run(trainCommand, args)).code).toBe(0);
      const { manifest, files } = await readVersion(out, 's');
      expect(manifest.interval).toMatchObject({ method });
      expect(manifest.interval.tenths).toHaveLength(10);
      const forest = gunzipSync(files.get('forest.json.gz')!).toString();
      expect(forest.includes('"quantiles":[')).toBe(method === 'conformal-quantiles');
    },
  );

  test.each([
    [['--data', 'x.csv', '--method', 'best'], '--method must be one of exact, histogram.'],
    [
      ['--data', 'x.csv', '--interval', 'wide'],
      '--interval must be one of split-conformal, conformal-quantiles.',
    ],
    [['--data', 'x.csv', '--data-kind', 'guess'], '--data-kind must be one of synthetic, survey, records.'],
    [['--data', 'x.csv', '--data-year', '1899'], '--data-year must be a whole number from 1900 to 2200.'],
    [['--data', 'x.csv', '--data-year', 'last'], '--data-year must be a whole number from 1900 to 2200.'],
    [['--sample', '400', '--data-kind', 'survey'], 'Give --data-kind with --data alone.'],
    [['--sample', '400', '--data-year', '2023'], 'Give --data-year with --data alone.'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run(trainCommand, args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('finds the same model there already when nothing has changed', async () => {
    const out = await freshOut();
    const args = ['--data', data, '--out', out, '--json', ...small];
    const first = JSON.parse((await run(trainCommand, args)).stdout);
    const again = await run(trainCommand, args);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({ ...first, created: false });
  });

  test('refuses a name that is taken, before it trains', async () => {
    const out = await freshOut();
    const args = ['--data', data, '--out', out, '--version', 'taken', ...small];
    expect((await run(trainCommand, args)).code).toBe(0);
    const before = await readVersion(out, 'taken');
    const { code, stderr } = await run(trainCommand, [...args, '--trees', '10000']);
    expect(code).toBe(1);
    expect(stderr).toContain('it is already there');
    expect(await readVersion(out, 'taken')).toEqual(before);
  });

  test('refuses a bad CSV, lists its lines, and writes nothing', async () => {
    const out = await freshOut();
    const bad = csv.replace('\n', '\noops\n');
    const { code, stdout, stderr } = await run(trainCommand, ['--data', '-', '--out', out], { stdin: bad });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      'Cannot train on the CSV: it has 1 bad row.\nline 2: has 1 field where the header has 27',
    );
    expect(await versionsIn(out)).toEqual([]);
  });

  test('refuses a CSV with too few rows to learn and to check from', async () => {
    const few = csv.split('\n').slice(0, 12).join('\n');
    const { code, stderr } = await run(trainCommand, ['--data', '-', '--out', directory], { stdin: few });
    expect(code).toBe(1);
    expect(stderr).toContain('train on more');
  });

  test.each([
    [[], 'Say either --data DATA or --sample ROWS.'],
    [['--data', 'x', '--sample', '500'], 'Say either'],
    [['--sample', '5'], '--sample must be a whole number from 100'],
    [['--sample', '500', '--holdout', '0.2'], 'Give --holdout with --data alone.'],
    [['--data', 'x', '--holdout', '0.5'], '--holdout must be a number from 0.01 to 0.45.'],
    [['--sample', '500', '--trees', '0'], '--trees must be'],
    [['--sample', '500', '--features', '0.01'], '--features must be a number from 0.067 to 1.'],
    [['--data', 'x', '--source', 'a\u001b[2Jb'], '--source must be printable text'],
    [['--data', 'x', '--licence', 'a\u202eb'], '--licence must be printable text'],
    [['--sample', '500', '--version', 'Not Good'], '--version must be'],
    [['--tree', '5'], '--tree'],
  ])('%p is wrong use', async (args, told) => {
    const { code, stdout, stderr } = await run(trainCommand, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(told);
  });

  test('does not take a source that no manifest could hold', async () => {
    const { code, stderr } = await run(trainCommand, ['--data', 'x', '--source', 'x'.repeat(401)]);
    expect(code).toBe(2);
    expect(stderr).toContain('--source must not be longer than 400 characters.');
  });

  test('says which file is not there', async () => {
    const { code, stderr } = await run(trainCommand, ['--data', join(directory, 'none.csv')]);
    expect(code).toBe(1);
    expect(stderr).toContain(`Cannot read ${join(directory, 'none.csv')}: it does not exist.`);
  });

  test('leaves whole versions or none, whenever it is killed', async () => {
    const out = await freshOut();
    for (const delayMs of [150, 250, 350, 450, 600]) {
      const child = startSavings([
        'train',
        '--data',
        data,
        '--out',
        out,
        '--version',
        `v${delayMs}`,
        ...small,
      ]);
      await Bun.sleep(delayMs);
      child.kill('SIGKILL');
      await child.exited;
      for (const version of await versionsIn(out)) {
        if (!version.startsWith('.')) await readVersion(out, version);
      }
    }
    const { code } = await runSavings(['train', '--data', data, '--out', out, '--version', 'last', ...small]);
    expect(code).toBe(0);
    expect((await versionsIn(out)).filter((version) => version.startsWith('.'))).toEqual([]);
  });

  test('lets one of two that write the same name at once win, with a whole version', async () => {
    const out = await freshOut();
    const args = (seed: string) => [
      'train',
      '--data',
      data,
      '--out',
      out,
      '--version',
      'same',
      '--seed',
      seed,
      ...small,
    ];
    const ran = await Promise.all([runSavings(args('1')), runSavings(args('2'))]);
    expect(ran.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(ran.map(({ stderr }) => stderr).join('')).toContain('it is already there');
    const { manifest } = await readVersion(out, 'same');
    expect(manifest.trainer.seed).toBe(ran[0].code === 0 ? 1 : 2);
    expect(await versionsIn(out)).toEqual(['same']);
  });

  test('leaves nothing behind when the disk is full', async () => {
    const out = await freshOut();
    // A bound on a file's size fails a write as a full disk does, in the middle of the largest file.
    const line = `trap '' XFSZ; ulimit -f 8; exec ${SAVINGS} train --data '${data}' --out '${out}' --trees 30`;
    const { code, stderr } = await runShell(line);
    expect(code).toBe(1);
    expect(stderr).toMatch(/savings train: Cannot write .*versions\/csv-/);
    expect(await versionsIn(out)).toEqual([]);
  });

  test('says how it is used', async () => {
    expect((await run(trainCommand, ['--help'])).stdout).toContain('--node-size N');
  });
});
