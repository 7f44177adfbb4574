import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../src/cli/command.ts';
import { diffCommand } from '../../src/cli/commands/diff.ts';
import { evaluateCommand } from '../../src/cli/commands/evaluate.ts';
import { listCommand } from '../../src/cli/commands/list.ts';
import { promoteCommand } from '../../src/cli/commands/promote.ts';
import { publishCommand } from '../../src/cli/commands/publish.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { showCommand } from '../../src/cli/commands/show.ts';
import { verifyCommand } from '../../src/cli/commands/verify.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { Registry } from '../../src/store/registry.ts';
import { run } from '../support/command.ts';
import { testArtifact, testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { S3_START_MS, s3Server } from '../support/s3-server.ts';
import { ROOT, RUNTIMES } from '../support/server-process.ts';

interface Place {
  /** What `--store` takes. */
  store: string;
  env: Record<string, string>;
}

/** These tests are about the channel, not about the models. */
const UNGATED = ['--no-gate', 'a test'];
let built: string;
const work: string[] = [];
const fresh = async () => {
  const path = await mkdtemp(join(tmpdir(), 'savings-lifecycle-'));
  work.push(path);
  return path;
};
const folder = (version: string) => join(built, 'versions', version);

beforeAll(async () => {
  built = await testModelDirectory('test-1', 'test-2');
  work.push(built);
});
afterAll(() => Promise.all(work.map((path) => rm(path, { recursive: true, force: true }))));

describe('the life of a model in a directory', () => suite(async () => ({ store: await fresh(), env: {} })));

describe.skipIf(!requireTool('radosgw'))('the life of a model in a bucket', () => {
  suite(async () => {
    const { endpoint, region, credentials, newBucket } = await s3Server();
    return {
      store: `s3://${await newBucket()}/models/savings`,
      env: {
        AWS_REGION: region,
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
    };
  });
});

function suite(open: () => Promise<Place>): void {
  let place: Place;
  const before: Record<string, string | undefined> = {};
  beforeAll(async () => {
    place = await open();
    // The SDK reads its keys from the process's own environment.
    for (const [name, value] of Object.entries(place.env)) {
      before[name] = process.env[name];
      process.env[name] = value;
    }
  }, S3_START_MS);
  afterAll(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const on = (command: Command, ...args: string[]) =>
    run(command, [...args, '--store', place.store], { env: place.env });
  const json = async (command: Command, ...args: string[]) => {
    const { code, stdout, stderr } = await on(command, ...args, '--json');
    expect([code, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  };
  const promoteTo = (version: string) =>
    json(promoteCommand, version, '--channel', 'prod', '--reason', `try ${version}`, ...UNGATED);

  test('an empty store lists nothing', async () => {
    expect(await json(listCommand)).toEqual({ versions: [], channels: [], faults: [] });
  });

  test('publish puts a version there, once', async () => {
    const { manifestSha256 } = await testArtifact('test-1');
    const expected = { version: 'test-1', manifestSha256, store: place.store };
    expect(await json(publishCommand, folder('test-1'))).toEqual({ ...expected, created: true });
    expect(await json(publishCommand, folder('test-1'))).toEqual({ ...expected, created: false });
    expect(await json(verifyCommand, 'test-1')).toEqual({ version: 'test-1', manifestSha256 });
  });

  test('publish leaves the first when the same was made again on that day', async () => {
    const again = await fresh();
    const { files, manifest, manifestSha256 } = await testArtifact('test-1');
    for (const [path, bytes] of files) await writeFile(join(again, path), bytes);
    const later = (time: string) => new Date(Date.parse(time) + 1).toISOString();
    const { createdAt, reviewBy } = manifest;
    const made = { ...manifest, createdAt: later(createdAt), reviewBy: later(reviewBy) };
    await writeFile(join(again, 'manifest.json'), JSON.stringify(made));
    const published = { version: 'test-1', manifestSha256, store: place.store, created: false };
    expect(await json(publishCommand, again)).toEqual(published);
  });

  test('publish refuses another version of the same name, and leaves the first', async () => {
    const other = await fresh();
    const { files } = await testArtifact('test-2');
    const manifest = new TextDecoder().decode(files.get('manifest.json')).replaceAll('test-2', 'test-1');
    for (const [path, bytes] of files) await writeFile(join(other, path), bytes);
    await writeFile(join(other, 'manifest.json'), manifest);
    const { code, stdout, stderr } = await on(publishCommand, other);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('versions never change');
    expect((await json(verifyCommand, 'test-1')).manifestSha256).toBe(
      (await testArtifact('test-1')).manifestSha256,
    );
  });

  test('promote writes the channel, counts up, and does nothing twice', async () => {
    await json(publishCommand, folder('test-2'));
    expect(await promoteTo('test-1')).toMatchObject({ sequence: 1, from: null, changed: true });
    expect(await promoteTo('test-2')).toMatchObject({ sequence: 2, from: 'test-1', changed: true });
    expect(await promoteTo('test-2')).toMatchObject({ sequence: 2, changed: false });
    const channel = await json(showCommand, 'channel:prod');
    expect(channel).toMatchObject({
      channel: 'prod',
      version: 'test-2',
      reason: 'try test-2 (no gate: a test)',
      sequence: 2,
    });
    expect(channel.previous).toMatchObject([{ version: 'test-1', sequence: 1 }]);
  });

  test('rollback goes to the version before, as a new state; a second one comes back', async () => {
    expect(await json(rollbackCommand, '--channel', 'prod')).toMatchObject({
      version: 'test-1',
      from: 'test-2',
      sequence: 3,
    });
    expect(await json(rollbackCommand, '--channel', 'prod')).toMatchObject({
      version: 'test-2',
      sequence: 4,
    });
    const { channels } = await json(listCommand);
    expect(channels).toMatchObject([{ channel: 'prod', version: 'test-2', sequence: 4, reason: 'rollback' }]);
  });

  test('of two promotions at once one is done, and the other is told', async () => {
    const both = (channel: string) =>
      Promise.all(
        ['test-1', 'test-2'].map((version) =>
          on(promoteCommand, version, '--channel', channel, '--reason', 'a race', '--json'),
        ),
      );
    let told = 0;
    for (let round = 0; round < 10; round++) {
      const channel = `race-${round}`;
      const ran = await both(channel);
      const won = ran.filter(({ code }) => code === 0).map(({ stdout }) => JSON.parse(stdout));
      const last = won.sort((a, b) => b.sequence - a.sequence)[0];
      expect(await json(showCommand, `channel:${channel}`)).toMatchObject({
        version: last.version,
        sequence: won.length,
      });
      for (const { code, stderr } of ran) {
        if (code === 0) continue;
        expect([code, stderr]).toEqual([1, expect.stringContaining('already there')]);
        told++;
      }
    }
    expect(told).toBeGreaterThan(0);
  });

  test('neither promote nor rollback names what a server would refuse', async () => {
    const missing = await on(promoteCommand, 'test-9', '--channel', 'prod', '--reason', 'x', ...UNGATED);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('test-9')]);
    const nothing = await on(rollbackCommand, '--channel', 'none');
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('channels/none.json')]);
    await json(promoteCommand, 'test-1', '--channel', 'single', '--reason', 'x');
    const first = await on(rollbackCommand, '--channel', 'single');
    expect([first.code, first.stderr]).toEqual([1, expect.stringContaining('no version but test-1')]);
  });

  test('list and show tell a person what is there', async () => {
    const { stdout } = await on(listCommand);
    expect(stdout).toMatch(/test-2 .* prod/);
    expect((await on(showCommand, 'test-1')).stdout).toContain((await testArtifact('test-1')).manifestSha256);
    expect((await on(showCommand, 'channel:prod')).stdout).toContain('try test-2');
  });

  test('diff tells two versions apart, on golden rows and on outcomes', async () => {
    const data = join(await fresh(), 'data.csv');
    const rows = [...sampleCsv(300, 3)].join('');
    await writeFile(data, rows);
    const diff = await json(diffCommand, 'test-1', 'channel:prod', '--data', data);
    expect(diff).toMatchObject({
      a: { version: 'test-1' },
      b: { version: 'test-2' },
      same: false,
      features: { onlyA: [], onlyB: [] },
      golden: { refused: 0 },
      data: { refused: 0, overall: { rows: 300 } },
    });
    expect(diff.golden.overall.differing).toBeGreaterThan(0);
    expect(diff.data.verdict.low).toBeLessThan(diff.data.verdict.high);
    const { stdout } = await on(diffCommand, 'test-1', folder('test-1'));
    expect(stdout).toContain('They are one and the same.');
    expect(stdout).toContain('predictions differ on 0');
    await writeFile(data, `${rows}no row\n`);
    const { stderr } = await on(diffCommand, 'test-1', 'channel:prod', '--data', data);
    expect(stderr).toStartWith('savings diff: 1 bad row was left out.\nline 302: has 1 field where');
  });
}

describe('savings publish', () => {
  const publish = (directory: string, store: string) => run(publishCommand, [directory, '--store', store]);
  async function copyOf(version: string) {
    const copy = await fresh();
    for (const path of await readdir(folder(version)))
      await copyFile(join(folder(version), path), join(copy, path));
    return copy;
  }

  test('refuses what the server would refuse, before anything is written', async () => {
    const bad = await copyOf('test-1');
    const golden = join(bad, 'golden.json');
    await writeFile(golden, (await readFile(golden, 'utf8')).replace('"score"', '"scoor"'));
    const store = await fresh();
    const { code, stderr } = await publish(bad, store);
    expect([code, stderr]).toEqual([1, expect.stringContaining('golden.json')]);
    expect(await readdir(store)).toEqual([]);
  });

  test.each([
    [
      'a file that is no part of a version',
      (path: string) => writeFile(join(path, 'notes.txt'), 'x'),
      'notes.txt',
    ],
    ['a missing file', (path: string) => rm(join(path, 'MODEL_CARD.md')), 'MODEL_CARD.md'],
    ['no manifest', (path: string) => rm(join(path, 'manifest.json')), "not a version's folder"],
  ])('refuses a folder with %s', async (_, spoil, told) => {
    const bad = await copyOf('test-1');
    await spoil(bad);
    const { code, stderr } = await publish(bad, await fresh());
    expect([code, stderr]).toEqual([1, expect.stringContaining(told)]);
  });

  test('completes what was killed half way, and nobody has seen the half', async () => {
    const store = await fresh();
    const [program, ...args] = RUNTIMES.bun!;
    for (const delayMs of [100, 200, 300, 400, 500]) {
      const child = Bun.spawn([program!, ...args, 'publish', folder('test-1'), '--store', store], {
        cwd: ROOT,
      });
      await Bun.sleep(delayMs);
      child.kill('SIGKILL');
      await child.exited;
      const registry = new Registry(new DirectoryStore(store));
      for (const version of await registry.listVersions()) await registry.readVersion(version);
    }
    expect((await publish(folder('test-1'), store)).code).toBe(0);
    expect((await run(verifyCommand, ['test-1', '--store', store])).code).toBe(0);
  }, 30_000);
});

describe('wrong use exits with 2', () => {
  test.each([
    [publishCommand, [], 'Say which DIR.'],
    [publishCommand, ['a', 'b'], 'Say DIR alone, not 2 arguments.'],
    [promoteCommand, ['v1', '--reason', 'x'], '--channel prod'],
    [promoteCommand, ['v1', '--channel', 'prod'], 'Say why'],
    [
      promoteCommand,
      ['v1', '--channel', 'dev', '--reason', 'x'.repeat(401)],
      '--reason must not be longer than 400',
    ],
    [promoteCommand, ['v1', '--channel', 'dev', '--reason', 'a\u001b[2Jb'], '--reason must be printable'],
    [rollbackCommand, ['--channel', 'prod', '--reason', 'two\nlines'], '--reason must be printable'],
    [promoteCommand, ['v1', '--channel', 'a/b', '--reason', 'x'], '--channel must be'],
    [promoteCommand, ['v1', '--channel', 'prod', '--reason', 'x'], 'Channel prod needs a gate: give --gate'],
    [promoteCommand, ['v1', '--channel', 'prod-eu', '--reason', 'x'], 'Channel prod-eu needs a gate'],
    [promoteCommand, ['v1', '--channel', 'production', '--reason', 'x'], 'Channel production needs a gate'],
    [
      promoteCommand,
      ['v1', '--channel', 'prod', '--reason', 'x', '--gate', 'x', ...UNGATED],
      'Give --gate or --no-gate, not both.',
    ],
    [
      promoteCommand,
      ['v1', '--channel', 'prod', '--reason', 'x', '--no-gate', ' '],
      '--no-gate must say why.',
    ],
    [
      promoteCommand,
      ['v1', '--channel', 'prod', '--reason', 'x', '--no-gate', 'a\nb'],
      '--no-gate must be printable',
    ],
    [
      promoteCommand,
      ['v1', '--channel', 'prod', '--reason', 'x'.repeat(390), ...UNGATED],
      '--reason and --no-gate together must not be longer than 400',
    ],
    [
      promoteCommand,
      ['v1', '--channel', 'prod', '--reason', 'x', ...UNGATED, '--margin', '2%'],
      'Give --margin with --gate alone.',
    ],
    [
      promoteCommand,
      ['v1', '--channel', 'prod', '--reason', 'x', '--gate', 'gs://bucket/x'],
      '--gate must be a file, a directory, s3://BUCKET/PREFIX/, or - for standard input',
    ],
    [evaluateCommand, ['--model', 'v1'], 'Say which rows, with --data.'],
    [evaluateCommand, ['--data', 'x.csv'], 'Say which model, with --model.'],
    [evaluateCommand, ['--data', '-', '--model', 'v1', '--margin', '1'], '--margin must be a percentage'],
    [evaluateCommand, ['--data', '-', '--model', 'v1', '--margin', '101%'], '--margin must be a percentage'],
    [evaluateCommand, ['--data', '-', '--model', 'v1', '--weight', 'W', '--unweighted'], 'not both'],
    [evaluateCommand, ['--data', 's3://No_Bucket/', '--model', 'v1'], 'Cannot use'],
    [
      rollbackCommand,
      ['v1', '--channel', 'prod'],
      'Leave out the arguments: this command takes options alone.',
    ],
    [listCommand, ['x'], 'Leave out the arguments'],
    [diffCommand, ['a'], 'Say which A and B.'],
    [verifyCommand, ['v1', '--store', 's3://'], '--store must be'],
    [
      verifyCommand,
      ['v1', '--store', 's3://No_Bucket/x'],
      'Cannot use --store, which is MODEL_BUCKET and MODEL_PREFIX in one: MODEL_BUCKET must',
    ],
    [showCommand, ['v1', '--loud'], 'Leave out --loud: there is no such option.'],
  ] as [Command, string[], string][])('%#', async (command, args, told) => {
    const { code, stdout, stderr } = await run(command, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(told);
  });
});
