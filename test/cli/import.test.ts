import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importCommand } from '../../src/cli/commands/import.ts';
import { inputsOf } from '../../src/dataset/examples.ts';
import { generateRows, type SyntheticHousehold } from '../../src/dataset/synthetic/households.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { checkArtifact } from '../../src/model/artifact/artifact.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import { FILES, type Manifest } from '../../src/model/manifest.ts';
import { sha256 } from '../../src/model/sha256.ts';
import { drawExamples } from '../../src/training/sample.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { run, runSavings, runShell, SAVINGS } from '../support/command.ts';
import { testArtifact } from '../support/model.ts';
import { SURVEY, surveyCsv } from '../support/survey.ts';

// Real training and real processes take their time on a busy machine.
setDefaultTimeout(60_000);

const FIXTURES = join(import.meta.dirname, '../fixtures/onnx');
const onnx = join(FIXTURES, 'savings.onnx');
const csv = [...sampleCsv(3000, 77)].join('');
let directory: string;
let manifestPath: string;
let dataPath: string;
let template: Manifest;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'savings-import-'));
  manifestPath = join(directory, 'manifest.json');
  dataPath = join(directory, 'unseen.csv');
  const { manifest } = await testArtifact();
  const trainer = {
    ...manifest.trainer,
    library: 'scikit-learn',
    libraryVersion: '1.9.1',
    rows: 8000,
    options: {},
  };
  template = { ...manifest, trainer, data: { ...manifest.data, source: 'Somebody’s rows.' } };
  await writeFile(manifestPath, JSON.stringify(template));
  await writeFile(dataPath, csv);
});
afterAll(() => rm(directory, { recursive: true }));

const freshOut = () => mkdtemp(join(directory, 'out-'));

describe('savings import', () => {
  test('makes a version of a forest that scikit-learn trained, with its answers', async () => {
    const out = await freshOut();
    const args = ['import', onnx, '--manifest', manifestPath, '--data', dataPath, '--out', out, '--json'];
    const { code, stdout } = await runSavings(args);
    expect(code).toBe(0);
    const { version, path } = JSON.parse(stdout);
    expect(version).toMatch(/^onnx-\d{8}-[0-9a-f]{8}$/);
    const files = new Map<string, Uint8Array>();
    for (const name of await readdir(path)) files.set(name, await readFile(join(path, name)));

    // The library's loader and every other check agree with it.
    const model = await loadModel(checkArtifact(files), { spawn: spawnLoadWorker });
    const expected = JSON.parse(await readFile(join(FIXTURES, 'savings-expected.json'), 'utf8'));
    const asked = drawExamples(50, 9);
    for (const [row, rate] of (expected.rates as number[]).entries()) {
      const { output } = model.predict(inputsOf(model.inputs.features, asked, row));
      expect(Math.abs(output - rate)).toBeLessThan(1e-7);
    }
  });

  test('takes what was said of the training, and measures everything else', async () => {
    const out = await freshOut();
    const args = [onnx, '--manifest', manifestPath, '--data', '-', '--out', out, '--version', 'mine'];
    const { code, stdout } = await run(importCommand, args, { stdin: csv });
    expect(code).toBe(0);
    expect(stdout).toContain('trained on 8,000 rows');
    const read = async (path: string) => JSON.parse(await readFile(join(out, 'versions/mine', path), 'utf8'));
    const manifest: Manifest = await read(FILES.manifest);
    expect(manifest).toMatchObject({
      version: 'mine',
      features: template.features,
      data: template.data,
      trainer: {
        library: 'scikit-learn',
        rows: 8000,
        calibrationRows: 1200,
        holdoutRows: 1200,
        options: { onnxSha256: sha256(await readFile(onnx)), measuredOnSha256: sha256(Buffer.from(csv)) },
      },
    });
    expect(manifest.metrics.model.r2).toBeGreaterThan(0.95);
    expect(manifest.metrics).not.toEqual(template.metrics);
    expect(manifest.interval.measuredCoverage).toBeGreaterThan(0.87);
    expect((await read(FILES.reference)).rows).toBe(600);
  });

  test('takes in the old forest of docs/from-streamlit.md by the description there, word by word', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../docs/from-streamlit.md'), 'utf8');
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(guide) ?? [];
    const [, line = ''] = /^savings (import .*)$/m.exec(guide) ?? [];
    const folder = await freshOut();
    await writeFile(join(folder, 'old.model.json'), json);
    await writeFile(join(folder, 'unseen.csv'), csv);
    await writeFile(join(folder, 'forest.onnx'), await readFile(join(FIXTURES, 'streamlit.onnx')));
    const { code, stdout, stderr } = await runShell(`cd '${folder}' && ${SAVINGS} ${line} --version old`);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('taken in from skl2onnx');

    const files = new Map<string, Uint8Array>();
    const path = join(folder, 'models/versions/old');
    for (const name of await readdir(path)) files.set(name, await readFile(join(path, name)));
    const model = await loadModel(checkArtifact(files), { spawn: spawnLoadWorker });
    expect(model.manifest).toMatchObject({
      format: 'savings-model/2',
      name: 'old-forest',
      data: { source: 'unseen.csv', sha256: sha256(Buffer.from(csv)) },
      trainer: { library: 'skl2onnx', options: { nEstimators: 8, maxDepth: 8 }, holdoutRows: 1200 },
    });
    expect(model.manifest.trainer.rows).toBeUndefined();
    expect(model.manifest.encoding).toHaveLength(21);

    const expected = JSON.parse(await readFile(join(FIXTURES, 'streamlit-expected.json'), 'utf8'));
    let row = 0;
    for (const household of generateRows(50, 9)) {
      const inputs = Object.fromEntries(
        model.manifest.features.map(({ name, column }) => [
          name,
          household[column as keyof SyntheticHousehold],
        ]),
      );
      const { output } = model.predict(inputs);
      expect(Math.abs(output / expected.amounts[row++] - 1)).toBeLessThan(1e-6);
    }
  });

  test('and trains again on the same CSV by the command of docs/from-streamlit.md', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../docs/from-streamlit.md'), 'utf8');
    const [, line = ''] = /`savings (train [^`]*)`/.exec(guide) ?? [];
    const folder = await freshOut();
    await writeFile(join(folder, 'data.csv'), csv);
    const { code, stderr } = await runShell(`cd '${folder}' && ${SAVINGS} ${line} --trees 8`);
    expect([code, stderr]).toEqual([0, '']);
    expect(await readdir(join(folder, 'models/versions'))).toHaveLength(1);
  });

  test('refuses by key what does not describe the forest or its data', async () => {
    const described = async (json: object) => {
      const path = join(directory, 'tried.model.json');
      await writeFile(path, JSON.stringify({ ...SURVEY, ...json }));
      return run(importCommand, [onnx, '--description', path, '--data', '-', '--out', directory], {
        stdin: surveyCsv(),
      });
    };
    const target = { column: 'Rent', label: 'Rent' };
    expect((await described({ target })).stderr).toContain('target.column: is the column of features.1 too');
    expect((await described({})).stderr).toContain('it takes rows of 15 columns, not 6');
  });

  test('refuses an ONNX file that is no lone forest over the manifest’s columns', async () => {
    for (const [file, told] of [
      ['boosting.onnx', 'Cannot import the ONNX file: it takes rows of 4 columns, not 15'],
      ['make.py', 'Cannot read the ONNX file'],
    ]) {
      const args = [join(FIXTURES, file), '--manifest', manifestPath, '--data', dataPath, '--out', directory];
      const { code, stderr } = await run(importCommand, args);
      expect(code).toBe(1);
      expect(stderr).toContain(told);
    }
  });

  test('refuses a manifest that is none', async () => {
    const { code, stderr } = await run(importCommand, [onnx, '--manifest', dataPath, '--data', dataPath]);
    expect(code).toBe(1);
    expect(stderr).toContain(`not read ${dataPath}: it is not JSON`);
  });

  test.each([
    [[], 'Say which FILE.onnx.'],
    [['a.onnx', 'b.onnx'], 'Say FILE.onnx alone, not 2 arguments.'],
    [['a.onnx'], 'Say either --description FILE or --manifest FILE.json.'],
    [['a.onnx', '--manifest', 'm', '--description', 'd'], 'Say either --description FILE or'],
    [['a.onnx', '--manifest', 'm.json'], 'Say --data FILE.csv'],
    [['a.onnx', '--manifest', 'm.json', '--data', 'd', '--version', 'No!'], '--version must be'],
    [['a.onnx', '--onnx', 'x'], '--onnx'],
  ])('%p is wrong use', async (args, told) => {
    const { code, stderr } = await run(importCommand, args);
    expect(code).toBe(2);
    expect(stderr).toContain(told);
  });

  test('says which file is not there', async () => {
    const { code, stderr } = await run(importCommand, [
      '/none.onnx',
      '--manifest',
      manifestPath,
      '--data',
      dataPath,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot read /none.onnx: it does not exist.');
  });

  test('says how it is used', async () => {
    expect((await run(importCommand, ['--help'])).stdout).toContain('--manifest FILE');
  });
});
