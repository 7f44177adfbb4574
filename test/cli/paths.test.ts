import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../src/cli/command.ts';
import { diffCommand } from '../../src/cli/commands/diff.ts';
import { exportCommand } from '../../src/cli/commands/export.ts';
import { importCommand } from '../../src/cli/commands/import.ts';
import { listCommand } from '../../src/cli/commands/list.ts';
import { predictCommand } from '../../src/cli/commands/predict.ts';
import { promoteCommand } from '../../src/cli/commands/promote.ts';
import { publishCommand } from '../../src/cli/commands/publish.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { showCommand } from '../../src/cli/commands/show.ts';
import { signCommand } from '../../src/cli/commands/sign.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { verifyCommand } from '../../src/cli/commands/verify.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { run, runShell, SAVINGS } from '../support/command.ts';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { ROOT, RUNTIMES } from '../support/server-process.ts';

const FOLDER_NEEDED = 'it is a directory where a file is needed';
let work: string;
let models: string;
const folder = () => join(models, 'versions/test-1');

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'savings-paths-'));
  models = await testModelDirectory('test-1', 'test-2');
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe('the address of something else is never taken for a path', () => {
  const ADDRESSES = [
    'S3://bucket/prefix',
    'https://bucket.s3.amazonaws.com/p',
    's3:/bucket/p',
    'gs://bucket/p',
  ].concat(['az://x/y', 'file:///x', 'arn:aws:s3:::bucket', '~/models', '~', '', ' ']);
  const STORE: [Command, () => string[]][] = [
    [publishCommand, () => [folder()]],
    [promoteCommand, () => ['test-1', '--channel', 'dev', '--reason', 'x']],
    [rollbackCommand, () => ['--channel', 'prod']],
    [listCommand, () => []],
    [showCommand, () => ['test-1']],
    [verifyCommand, () => ['test-1']],
    [diffCommand, () => ['test-1', 'test-2']],
    [exportCommand, () => ['test-1', '--onnx', '--out', 'model.onnx']],
  ];

  async function inEmptyDirectory(act: () => Promise<void>) {
    const before = process.cwd();
    process.chdir(await mkdtemp(join(work, 'empty-')));
    try {
      await act();
    } finally {
      process.chdir(before);
    }
  }

  const refused = (command: Command, args: string[], told: string, env = {}) =>
    inEmptyDirectory(async () => {
      const { code, stdout, stderr } = await run(command, args, { env });
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toContain(told);
      expect(await readdir('.')).toEqual([]);
    });

  test.each(ADDRESSES)('%p as a store', async (address) => {
    for (const [command, args] of STORE)
      await refused(
        command,
        [...args(), '--store', address],
        '--store must be a directory, or s3://BUCKET/PREFIX',
      );
  });

  test.each(ADDRESSES)('%p as a directory or a file', async (address) => {
    const onnx = join(ROOT, 'test/fixtures/onnx/savings.onnx');
    const manifest = join(folder(), 'manifest.json');
    const cases: [Command, string[], string][] = [
      [trainCommand, ['--sample', '100', '--out', address], '--out must be a directory'],
      [trainCommand, ['--data', address], '--data must be a file'],
      [predictCommand, ['--model', address], '--model must be a directory'],
      [importCommand, [address, '--manifest', manifest, '--data', '-'], 'FILE.onnx must be a file'],
      [importCommand, [onnx, '--manifest', address, '--data', '-'], '--manifest must be a file'],
      [importCommand, [onnx, '--manifest', manifest, '--data', address], '--data must be a file'],
      [importCommand, [onnx, '--manifest', manifest, '--data', '-', '--out', address], '--out must be'],
      [publishCommand, [address], "A version's folder must be a directory"],
      [signCommand, [address, '--key', 'k'], "A version's folder must be a directory"],
      [signCommand, [folder(), '--key', address], '--key must be a file'],
      [exportCommand, [folder(), '--onnx', '--out', address], '--out must be a file'],
      [exportCommand, [address, '--onnx', '--out', 'model.onnx'], "A version's folder must be a directory"],
      [verifyCommand, [address], "A version's folder must be a directory"],
      [diffCommand, ['test-1', 'test-2', '--store', models, '--data', address], '--data must be a file'],
    ];
    for (const [command, args, told] of cases) await refused(command, args, told);
  });

  test.each(ADDRESSES.filter((address) => address.trim() !== ''))('%p as a setting', async (address) => {
    for (const [command, args] of [
      ...STORE,
      [trainCommand, () => ['--sample', '100']],
      [predictCommand, () => []],
    ] as typeof STORE)
      await refused(command, args(), 'MODEL_DIR must be a directory', { MODEL_DIR: address });
    await refused(signCommand, [folder()], 'MODEL_PRIVATE_KEY must be a file', {
      MODEL_PRIVATE_KEY: address,
    });
    await refused(listCommand, [], 'MODEL_PREFIX must', { MODEL_BUCKET: 'bucket', MODEL_PREFIX: address });
  });

  test('a folder of such a name is reached by its path', () =>
    inEmptyDirectory(async () => {
      expect((await run(publishCommand, [folder(), '--store', './S3:/x'])).code).toBe(0);
      expect(await readdir('S3:/x/versions')).toEqual(['test-1']);
      expect((await run(verifyCommand, ['./S3:/x/versions/test-1'])).code).toBe(0);
    }));

  test('a blank MODEL_DIR is none, for every command', () =>
    inEmptyDirectory(async () => {
      const env = { MODEL_DIR: ' ' };
      const train = ['--sample', '400', '--trees', '5', '--version', 'v1'];
      expect((await run(trainCommand, train, { env })).code).toBe(0);
      expect(await readdir('.')).toEqual(['models']);
      expect((await run(listCommand, [], { env })).stdout).toContain('v1');
      const stdin = [...sampleCsv(3, 1)].join('');
      expect((await run(predictCommand, [], { env, stdin })).code).toBe(0);
    }));
});

describe('a directory where a file is needed is one line', () => {
  const runtimes = Object.entries(RUNTIMES).filter(([name]) => name !== 'deno' || requireTool('deno'));

  test.each(runtimes)(
    'as standard input, on %s',
    async (_, command) => {
      const program = command.map((word) => `'${word}'`).join(' ');
      const onnx = join(ROOT, 'test/fixtures/onnx/savings.onnx');
      const manifest = join(folder(), 'manifest.json');
      for (const args of [
        `predict --model '${models}'`,
        `train --data - --out '${work}/none'`,
        `import '${onnx}' --manifest '${manifest}' --data - --out '${work}/none'`,
        `diff test-1 test-2 --store '${models}' --data -`,
      ]) {
        const { code, stdout, stderr } = await runShell(`${program} ${args} < '${work}'`);
        expect([args, code, stdout, stderr]).toEqual([
          args,
          1,
          '',
          `savings ${args.split(' ')[0]}: Cannot read standard input: ${FOLDER_NEEDED}.\n`,
        ]);
      }
      expect(await readdir(work)).not.toContain('none');
    },
    60_000,
  );

  test('as a named file', async () => {
    const onnx = join(ROOT, 'test/fixtures/onnx/savings.onnx');
    const manifest = join(folder(), 'manifest.json');
    const cases: [Command, string[], string][] = [
      [importCommand, [work, '--manifest', manifest, '--data', '-'], work],
      [importCommand, [onnx, '--manifest', work, '--data', '-'], work],
      [importCommand, [onnx, '--manifest', manifest, '--data', work], work],
      [diffCommand, ['test-1', 'test-2', '--store', models, '--data', work], work],
      [signCommand, [folder(), '--key', work], 'the file of the private key'],
    ];
    for (const [command, args, what] of cases) {
      const { code, stderr } = await run(command, args);
      expect([code, stderr]).toEqual([1, `savings test: Cannot read ${what}: ${FOLDER_NEEDED}.\n`]);
    }
  });

  test('and a file where a directory is needed is known before the work', async () => {
    const file = join(work, 'file');
    await writeFile(file, '');
    const { code, stderr } = await run(trainCommand, ['--sample', '10000000', '--out', file]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('it is a file where a directory is needed')]);
  });
});

test('a name with an escape sequence does not reach the terminal', async () => {
  const line = `${SAVINGS} train --data $'${work}/\\x1b[2Jnone.csv'`;
  const { code, stderr } = await runShell(line);
  expect([code, stderr]).toEqual([
    1,
    `savings train: Cannot read ${work}/?[2Jnone.csv: it does not exist.\n`,
  ]);
});

test('a private key that is given in place of its file is not shown', async () => {
  const env = { MODEL_PRIVATE_KEY: `-----BEGIN PRIVATE KEY-----\n${'SECRET'.repeat(1000)}` };
  const { code, stderr } = await run(signCommand, [folder()], { env });
  expect(code).toBe(1);
  expect(stderr).not.toContain('SECRET');
});
