import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MAIN = join(import.meta.dir, '../../src/main.ts');
const SCRIPT = join(import.meta.dir, '../../.github/scripts/model.sh');

/** The script with the real command, on a directory instead of a bucket. */
describe('model.sh', () => {
  let store: string;
  beforeEach(() => {
    store = mkdtempSync(join(tmpdir(), 'savings-model-'));
  });
  afterEach(() => rmSync(store, { recursive: true }));

  function run(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(SCRIPT, args, {
      encoding: 'utf8',
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        HOME: store,
        MODEL_DIR: store,
      },
    });
    return { status, stdout, stderr };
  }

  const channel = (name: string) => JSON.parse(readFileSync(join(store, 'channels', `${name}.json`), 'utf8'));

  test('publishes a version, promotes it elsewhere, and goes back', () => {
    const data = join(store, 'data.csv');
    writeFileSync(data, spawnSync(process.execPath, [MAIN, 'generate', '--rows', '600']).stdout);
    expect(run('publish', 'dev', 'first', data)).toMatchObject({ status: 0 });
    const [first] = readdirSync(join(store, 'versions'));
    expect(channel('dev')).toMatchObject({ version: first!, sequence: 1, reason: 'first' });

    expect(run('promote', 'prod', 'well tried', first!)).toMatchObject({ status: 0 });
    expect(channel('prod')).toMatchObject({ version: first!, sequence: 1, reason: 'well tried' });

    // Nothing stands before it, so there is nothing to go back to.
    expect(run('rollback', 'prod', 'a mistake').status).toBe(1);
    expect(channel('prod').sequence).toBe(1);
  });

  test('promotes nothing that is not published', () => {
    const { status, stderr } = run('promote', 'prod', 'why', 'no-such-version');
    expect(status).toBe(1);
    expect(stderr).toContain('no-such-version');
  });

  test('knows three actions', () => {
    expect(run('delete', 'prod', 'why')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('delete'),
    });
    expect(run('promote', 'prod', 'why')).toMatchObject({ status: 2 });
  });
});
