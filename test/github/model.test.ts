import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

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

  test('publishes a version that serves nobody, promotes it through a gate, and goes back', () => {
    const data = join(store, 'data.csv');
    const generate = (rows: string, seed: string) =>
      spawnSync(process.execPath, [MAIN, 'generate', '--rows', rows, '--seed', seed]).stdout;
    writeFileSync(data, generate('600', '1'));
    const published = run('publish', data);
    expect(published.status).toBe(0);
    const [first] = readdirSync(join(store, 'versions'));
    expect(published.stdout).toEndWith(
      `Published ${first}, which no channel names yet: promote it to one.\n`,
    );
    expect(existsSync(join(store, 'channels'))).toBe(false);

    expect(run('promote', 'dev', 'a look', first!)).toMatchObject({ status: 0 });
    expect(channel('dev')).toMatchObject({ version: first!, sequence: 1, reason: 'a look' });

    const refused = run('promote', 'prod', 'well tried', first!);
    expect(refused).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Channel prod needs a gate'),
    });
    const labelled = join(store, 'labelled.csv');
    writeFileSync(labelled, generate('800', '2'));
    const gated = run('promote', 'prod', 'well tried', first!, '--gate', labelled);
    expect(gated).toMatchObject({ status: 0, stdout: expect.stringContaining('is better than the mean') });
    expect(channel('prod')).toMatchObject({ version: first!, sequence: 1, reason: 'well tried' });

    // Nothing stands before it, so there is nothing to go back to.
    expect(run('rollback', 'prod', 'a mistake').status).toBe(1);
    expect(channel('prod').sequence).toBe(1);
  });

  test('keeps the reason why there was no gate', () => {
    expect(run('publish').status).toBe(0);
    const [first] = readdirSync(join(store, 'versions'));
    const { status, stdout } = run('promote', 'prod', 'the first', first!, '--no-gate', 'no outcomes yet');
    expect([status, stdout]).toEqual([0, expect.stringContaining('the first (no gate: no outcomes yet)')]);
  });

  test('promotes nothing that is not published', () => {
    const { status, stderr } = run('promote', 'dev', 'why', 'no-such-version');
    expect(status).toBe(1);
    expect(stderr).toContain('no-such-version');
  });

  test('knows three actions', () => {
    expect(run('delete', 'prod', 'why')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('delete'),
    });
    for (const wrong of [['promote', 'prod', 'why'], ['rollback', 'prod'], ['publish', 'dev', 'why'], []])
      expect(run(...wrong)).toMatchObject({ status: 2, stderr: expect.stringContaining('usage: model.sh') });
  });
});

describe('model.yml', () => {
  const { jobs } = parse(readFileSync(join(import.meta.dir, '../../.github/workflows/model.yml'), 'utf8'));
  const step = jobs.model.steps.at(-1);
  const given = {
    ...{ CHANNEL: 'prod', REASON: 'new rows', VERSION: 'v1', DATA: 'my rows.csv' },
    ...{ GATE: '', NO_GATE: '' },
  };

  test.each([
    ['publish', {}, ['publish', 'my rows.csv']],
    ['promote', {}, ['promote', 'prod', 'new rows', 'v1']],
    [
      'promote',
      { GATE: 's3://b/labelled/' },
      ['promote', 'prod', 'new rows', 'v1', '--gate', 's3://b/labelled/'],
    ],
    [
      'promote',
      { NO_GATE: 'none $(x) yet' },
      ['promote', 'prod', 'new rows', 'v1', '--no-gate', 'none $(x) yet'],
    ],
    ['rollback', {}, ['rollback', 'prod', 'new rows']],
  ] as const)('%s with %p hands the script its own', (ACTION, changes, expected) => {
    const work = mkdtempSync(join(tmpdir(), 'savings-model-'));
    mkdirSync(join(work, '.github/scripts'), { recursive: true });
    const script = join(work, '.github/scripts/model.sh');
    writeFileSync(script, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
    const env = { PATH: process.env.PATH, ...given, ...changes, ACTION };
    const { status, stdout } = spawnSync('bash', ['-e', '-c', step.run], {
      cwd: work,
      env,
      encoding: 'utf8',
    });
    rmSync(work, { recursive: true });
    expect([status, stdout.trimEnd().split('\n')]).toEqual([0, [...expected]]);
    expect(Object.keys(step.env).sort()).toEqual([...Object.keys(given), 'ACTION', 'MODEL_BUCKET'].sort());
  });
});
