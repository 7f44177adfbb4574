import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../src/cli/command.ts';
import { importCommand } from '../../src/cli/commands/import.ts';
import { promoteCommand } from '../../src/cli/commands/promote.ts';
import { publishCommand } from '../../src/cli/commands/publish.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { showCommand } from '../../src/cli/commands/show.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { verifyCommand } from '../../src/cli/commands/verify.ts';
import {
  generateRows,
  type SyntheticHousehold as Household,
} from '../../src/dataset/synthetic/households.ts';
import { Random } from '../../src/dataset/synthetic/random.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { FILES, type Manifest } from '../../src/model/manifest.ts';
import { run } from '../support/command.ts';
import { testArtifact, testModelDirectory } from '../support/model.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(60_000);

const FIXTURES = join(import.meta.dirname, '../fixtures/onnx');
const TAKE_CARE = 'take care: it is no better than always answering the mean';
let work: string;
let manifestPath: string;
let dataPath: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'savings-worse-'));
  manifestPath = join(work, 'manifest.json');
  dataPath = join(work, 'unseen.csv');
  await writeFile(manifestPath, JSON.stringify((await testArtifact()).manifest));
  await writeFile(dataPath, [...sampleCsv(3000, 77)].join(''));
});
afterAll(() => rm(work, { recursive: true }));

const freshOut = () => mkdtemp(join(work, 'out-'));
const json = async (command: Command, ...args: string[]) => {
  const { code, stdout, stderr } = await run(command, [...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

/** A CSV whose target is another function of the household. */
function csvOf(rows: number, targetOf: (household: Household, left: number) => number): string {
  const households = [...generateRows(rows, 5)];
  const expenses = 'Rent Loan_Repayment Insurance Groceries Transport Eating_Out Entertainment Utilities'
    .concat(' Healthcare Education Miscellaneous')
    .split(' ') as (keyof Household)[];
  const lines = households.map((household) => {
    const left = expenses.reduce((sum, name) => sum - Number(household[name]), household.Income);
    const target = Math.max(0, targetOf(household, left));
    return Object.values({ ...household, Desired_Savings: target.toFixed(2) }).join(',');
  });
  return `${[Object.keys(households[0]).join(','), ...lines].join('\n')}\n`;
}

describe('savings import', () => {
  const importing = (onnx: string, manifest: string, out: string, ...more: string[]) => [
    ...[join(FIXTURES, onnx), '--manifest', manifest, '--data', dataPath, '--out', out, '--version', 'v1'],
    ...more,
  ];

  test('refuses a forest of amounts where a rate is meant, with figures, cause and what to do', async () => {
    const out = await freshOut();
    const { code, stdout, stderr } = await run(importCommand, importing('amounts.onnx', manifestPath, out));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^savings test: Cannot make version v1: it is no better than always answering the mean: a mean absolute error of [\d,.]+ ₹\/month \(R2 -0\.\d+\) against [\d,.]+ ₹\/month \(R2 -?0\.0\d+\); it is worse than a linear regression .+; 100 of 100 of its answers lie outside/,
    );
    expect(stderr).toContain('seems to answer amounts, and the manifest multiplies its answers by Income');
    expect(stderr).toContain('train it on Desired_Savings / Income');
    expect(stderr).toContain('add --accept-worse');
    expect(await readdir(out)).toEqual([]);
  });

  test('refuses a forest of rates where an amount is meant', async () => {
    const out = await freshOut();
    const { manifest } = await testArtifact();
    const path = join(work, 'identity.json');
    await writeFile(
      path,
      JSON.stringify({ ...manifest, target: { ...manifest.target, transform: 'identity' } }),
    );
    const { code, stderr } = await run(importCommand, importing('savings.onnx', path, out));
    expect([code, stderr]).toEqual([1, expect.stringContaining('no better than always answering the mean')]);
    expect(await readdir(out)).toEqual([]);
  });

  test('refuses answers that only the clamp makes right', async () => {
    const out = await freshOut();
    const data = join(work, 'left-over.csv');
    await writeFile(
      data,
      csvOf(3000, (_, left) => left),
    );
    const { code, stderr } = await run(importCommand, [
      ...importing('amounts.onnx', manifestPath, out),
      ...['--data', data],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('not make version v1: 100 of 100 of its answers lie outside');
    expect(await readdir(out)).toEqual([]);
  });

  test('the same forest passes where the manifest means amounts, and the option alone marks nothing', async () => {
    const { manifest } = await testArtifact();
    const path = join(work, 'amounts.json');
    await writeFile(
      path,
      JSON.stringify({ ...manifest, target: { ...manifest.target, transform: 'identity' } }),
    );
    const out = await freshOut();
    const told = await json(importCommand, ...importing('amounts.onnx', path, out, '--accept-worse'));
    expect(told.shortcomings).toBeUndefined();
    expect(told.trainer.options.acceptedWorse).toBeUndefined();
    expect(told.metrics.model.r2).toBeGreaterThan(0.8);
  });

  test('what was accepted is seen at every step, and each asks again', async () => {
    const [out, store] = [await freshOut(), await freshOut()];
    const made = await run(importCommand, importing('amounts.onnx', manifestPath, out, '--accept-worse'));
    expect([made.code, made.stdout]).toEqual([0, expect.stringContaining(TAKE_CARE)]);
    const folder = join(out, 'versions/v1');
    const manifest: Manifest = JSON.parse(await readFile(join(folder, FILES.manifest), 'utf8'));
    expect(manifest.trainer.options.acceptedWorse).toBe(true);
    expect(await readFile(join(folder, FILES.card), 'utf8')).toContain(
      '**Accepted with --accept-worse, although:** it is no better than always answering the mean',
    );
    const verified = await run(verifyCommand, [folder]);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining(TAKE_CARE)]);

    const at = ['--store', store];
    const unpublished = await run(publishCommand, [folder, ...at]);
    expect(unpublished.code).toBe(1);
    expect(unpublished.stderr).toContain('not publish version v1: it is no better than');
    expect(await readdir(store)).toEqual([]);
    expect((await json(publishCommand, folder, ...at, '--accept-worse')).shortcomings).toHaveLength(2);
    expect((await run(showCommand, ['v1', ...at])).stdout).toContain(TAKE_CARE);

    const ungated = ['--no-gate', 'a test'];
    const promotion = ['v1', '--channel', 'prod', '--reason', 'x', ...ungated, ...at];
    const unpromoted = await run(promoteCommand, promotion);
    expect(unpromoted.code).toBe(1);
    expect(unpromoted.stderr).toContain('not promote version v1: it is no better than');
    expect(await readdir(store)).toEqual(['versions']);
    const promoted = await run(promoteCommand, [...promotion, '--accept-worse']);
    expect([promoted.code, promoted.stdout]).toEqual([0, expect.stringContaining(TAKE_CARE)]);

    // To go back is never held up by scores.
    const models = await testModelDirectory('test-1');
    await json(publishCommand, join(models, 'versions/test-1'), ...at);
    await json(promoteCommand, 'test-1', '--channel', 'prod', '--reason', 'x', ...ungated, ...at);
    expect(await json(rollbackCommand, '--channel', 'prod', ...at)).toMatchObject({ version: 'v1' });
  });

  test('a manifest of an accepted model taints no other forest', async () => {
    const { manifest } = await testArtifact();
    const options = { ...manifest.trainer.options, acceptedWorse: true };
    const path = join(work, 'tainted.json');
    await writeFile(path, JSON.stringify({ ...manifest, trainer: { ...manifest.trainer, options } }));
    const told = await json(importCommand, ...importing('savings.onnx', path, await freshOut()));
    expect(told.trainer.options.acceptedWorse).toBeUndefined();
  });
});

describe('savings train', () => {
  const forest = ['--trees', '20', '--workers', '1', '--version', 'v1'];
  const train = async (csv: string, ...more: string[]) => {
    const out = await freshOut();
    const ran = await run(trainCommand, ['--data', '-', '--out', out, ...forest, ...more], { stdin: csv });
    return { ...ran, versions: await readdir(join(out, 'versions')).catch(() => []) };
  };

  test('refuses what the inputs say nothing of, and writes nothing', async () => {
    const random = new Random(1);
    const csv = csvOf(1500, () => 200 * random.uniform());
    const { code, stderr, versions } = await train(csv);
    expect([code, versions]).toEqual([1, []]);
    expect(stderr).toContain('not make version v1: it is no better than always answering the mean');
    expect(stderr).toContain('Check that the column Desired_Savings');
    expect((await train(csv, '--accept-worse')).versions).toEqual(['v1']);
  });

  test('refuses a forest that is worse than a straight line', async () => {
    const out = await freshOut();
    const args = ['--sample', '100', '--trees', '2', '--features', '0.067', '--out', out];
    const { code, stderr } = await run(trainCommand, args);
    expect([code, stderr]).toEqual([1, expect.stringContaining('worse than a linear regression')]);
    expect(await readdir(out)).toEqual([]);
  });

  test.each([
    [
      'all that is left over, so that half of the answers lie a little above it',
      (_: Household, left: number) => left,
    ],
    ['half of it, a straight line', (_: Household, left: number) => left / 2],
    ['a fifth of the income', ({ Income }: Household, left: number) => Math.min(Income / 5, left)],
    ['nothing for most', ({ Age }: Household, left: number) => (Age > 50 ? left / 2 : 0)],
  ])('takes a target of %s', async (_, targetOf) => {
    const { code, stderr } = await train(csvOf(1500, targetOf));
    expect([code, stderr]).toEqual([0, '']);
  });
});
