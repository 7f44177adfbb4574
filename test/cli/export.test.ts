import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportCommand } from '../../src/cli/commands/export.ts';
import { importCommand } from '../../src/cli/commands/import.ts';
import { promoteCommand } from '../../src/cli/commands/promote.ts';
import { FILES } from '../../src/model/manifest.ts';
import { sha256 } from '../../src/model/sha256.ts';
import { run, runShell } from '../support/command.ts';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { RUNTIMES } from '../support/server-process.ts';

setDefaultTimeout(60_000);

let store: string;
let work: string;
beforeAll(async () => {
  store = await testModelDirectory('test-1');
  work = await mkdtemp(join(tmpdir(), 'savings-export-'));
});
afterAll(() => Promise.all([store, work].map((path) => rm(path, { recursive: true }))));

const folder = () => join(store, 'versions', 'test-1');
const exportTo = (name: string, out: string, ...more: string[]) =>
  run(exportCommand, [name, '--onnx', '--out', out, '--store', store, ...more]);

describe('savings export --onnx', () => {
  test('writes the same file of a version of the store, a channel and a folder', async () => {
    const promoted = await run(promoteCommand, [
      'test-1',
      '--channel',
      'prod',
      '--reason',
      'x',
      '--no-gate',
      'a test',
      '--store',
      store,
    ]);
    expect(promoted.code).toBe(0);
    const files = await Promise.all(
      ['test-1', 'channel:prod', folder()].map(async (name, i) => {
        const out = join(work, 'same', `${i}.onnx`);
        const { code, stdout, stderr } = await exportTo(name, out);
        const bytes = await readFile(out);
        expect([code, stderr]).toEqual([0, '']);
        expect(stdout).toBe(
          `Wrote ${out}: test-1, 14 inputs, ${bytes.length.toLocaleString('en')} bytes (sha256 ${sha256(bytes)})\n`,
        );
        return sha256(bytes);
      }),
    );
    expect(new Set(files).size).toBe(1);
  });

  test('says so to programs', async () => {
    const path = join(work, 'told.onnx');
    const { stdout } = await exportTo('test-1', path, '--json');
    const bytes = await readFile(path);
    const told = { version: 'test-1', path, bytes: bytes.length, sha256: sha256(bytes) };
    expect(JSON.parse(stdout)).toEqual(told);
  });

  test.skipIf(!requireTool('deno'))('writes the same file on Bun and on Deno', async () => {
    const files = await Promise.all(
      Object.entries(RUNTIMES).map(async ([name, command]) => {
        const out = join(work, `${name}.onnx`);
        const words = [...command, 'export', 'test-1', '--onnx', '--out', out, '--store', store];
        const { code, stderr } = await runShell(words.map((word) => `'${word}'`).join(' '));
        expect([code, stderr]).toEqual([0, '']);
        return sha256(await readFile(out));
      }),
    );
    expect(files).toHaveLength(2);
    expect(new Set(files).size).toBe(1);
  });

  test('replaces a file, and leaves nothing beside it', async () => {
    const home = join(work, 'replaced');
    const out = join(home, 'model.onnx');
    await mkdir(home);
    await writeFile(out, 'an earlier one');
    expect((await exportTo('test-1', out)).code).toBe(0);
    expect((await readFile(out)).length).toBeGreaterThan(1000);
    expect(await readdir(home)).toEqual(['model.onnx']);
  });

  test('writes nothing where a directory is in the way', async () => {
    const out = join(work, 'directory');
    await mkdir(join(out, 'kept'), { recursive: true });
    const { code, stdout, stderr } = await exportTo('test-1', out);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toStartWith(`savings test: Cannot write ${out}: `);
    expect(await readdir(out)).toEqual(['kept']);
    expect((await readdir(work)).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
  });

  test('writes nothing of a version that does not pass its checks', async () => {
    const damaged = join(work, 'damaged');
    await cp(folder(), damaged, { recursive: true });
    const path = join(damaged, FILES.golden);
    await writeFile(path, (await readFile(path, 'utf8')).replace('1', '2'));
    const out = join(work, 'damaged.onnx');
    const { code, stderr } = await exportTo(damaged, out);
    expect([code, stderr]).toEqual([1, expect.stringContaining('golden.json')]);
    expect(await readdir(work)).not.toContain('damaged.onnx');
  });

  test.each([
    [['test-1', '--out', 'model.onnx'], 'Say which format: --onnx.'],
    [['test-1', '--onnx'], 'Say which file to write: --out FILE.onnx.'],
    [['test-1', '--onnx', '--out', '-'], '--out must be a file: a graph is not written to standard output.'],
    [['--onnx', '--out', 'model.onnx'], 'Say which VERSION.'],
  ])('wrong use: %p', async (args, told) => {
    const { code, stdout, stderr } = await run(exportCommand, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(told);
  });

  test('what it wrote is refused by import, which says what to do', async () => {
    const out = join(work, 'back.onnx');
    await exportTo('test-1', out);
    const manifest = join(folder(), FILES.manifest);
    const args = [out, '--manifest', manifest, '--data', '-', '--out', join(work, 'none')];
    const { code, stderr } = await run(importCommand, args, { stdin: 'Income\n1\n' });
    expect([code, stderr]).toEqual([
      1,
      'savings test: Cannot import the ONNX file: savings exported it, from a version that can be published as it is.\n',
    ]);
  });
});
