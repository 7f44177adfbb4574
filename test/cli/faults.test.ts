import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { promoted } from '../../src/model/artifact/channel.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { Registry } from '../../src/store/registry.ts';
import { S3Store } from '../../src/store/s3/s3.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { startSavings } from '../support/command.ts';
import { type FaultyProxy, type ProxyMode, startFaultyProxy } from '../support/faulty-proxy.ts';
import { testArtifact, testModelDirectory } from '../support/model.ts';
import { requireCondition, requireTool } from '../support/require-tool.ts';
import { S3_START_MS, type S3Server, s3Server } from '../support/s3-server.ts';
import { ROOT, RUNTIMES, type ServerProcess, startServer } from '../support/server-process.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';

const PREFIX = 'models';
const VERSIONS = ['test-1', 'test-2', 'test-3', 'test-4'];
const cleanUp: (() => unknown)[] = [];
afterAll(async () => {
  for (const step of cleanUp.reverse()) await step();
});
async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'savings-faults-'));
  cleanUp.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
const state = async (server: ServerProcess) => (await fetch(`${server.url}/readyz`)).json();
async function predicts(server: ServerProcess): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: HOUSEHOLD }),
  });
  expect(response.status).toBe(200);
  return (await response.json()).model.version;
}
/** Whatever is in a model directory is whole. */
async function expectWhole(root: string): Promise<string[]> {
  const registry = new Registry(new DirectoryStore(root));
  const versions = await registry.listVersions();
  for (const version of versions) await registry.readVersion(version);
  const folders = await readdir(join(root, 'versions')).catch(() => []);
  expect(folders.filter((name) => !name.startsWith('.')).sort()).toEqual(versions);
  return versions;
}
async function soon(what: string, holds: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > 40_000) throw new Error(`${what} did not come in 40 s`);
    await Bun.sleep(50);
  }
}

describe.skipIf(!requireTool('radosgw'))('a server and its bucket', () => {
  let s3: S3Server;
  let bucket: string;
  let registry: Registry;
  beforeAll(async () => {
    s3 = await s3Server();
    bucket = await s3.newBucket();
    const { endpoint, region, credentials } = s3;
    registry = new Registry(new S3Store({ bucket, prefix: PREFIX, endpoint, region, credentials }));
    for (const version of VERSIONS) await registry.publishVersion((await testArtifact(version)).files);
  }, S3_START_MS);

  async function promote(version: string, channel: string) {
    const read = await registry.readChannel(channel).catch(() => undefined);
    const { manifestSha256 } = await testArtifact(version);
    const promotedAt = '2026-01-01T00:00:00Z';
    const state = promoted(read?.channel, { version, manifestSha256, promotedAt, reason: 'a test' });
    await registry.writeChannel(channel, state, read?.etag ?? null);
  }
  const environment = (endpoint: string, channel: string) => ({
    MODEL_BUCKET: bucket,
    MODEL_PREFIX: PREFIX,
    MODEL_VERSION: `channel:${channel}`,
    MODEL_REFRESH_SECONDS: '0',
    AWS_REGION: s3.region,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    LOG_LEVEL: 'warn',
  });
  async function start(given: Record<string, string>, command?: string[]): Promise<ServerProcess> {
    const server = await startServer({ ...given, LOG_LEVEL: 'info' }, command);
    cleanUp.push(() => server.kill('SIGKILL'));
    return server;
  }
  async function proxied(): Promise<FaultyProxy> {
    const proxy = await startFaultyProxy(s3.endpoint);
    cleanUp.push(() => proxy.stop());
    return proxy;
  }

  /** What the operator reads in /readyz and the log while a bucket misbehaves. */
  const TOLD: [ProxyMode, RegExp][] = [
    ['down', /no answer from S3/],
    ['reset', /no answer from S3|S3 did not answer/],
    ['503', /S3 answered 503/],
    ['truncate', /no answer from S3|ended|short/i],
    ['corrupt', /not JSON|sha256|corrupt|Cannot/],
    ['hang', /took longer|did not answer/],
    ['slow', /took longer|did not answer/],
  ];

  test('whatever the bucket does to a running server, the good model answers, and the next one comes after it', async () => {
    // At once, since hung and slow ones are waited for.
    await Promise.all(
      TOLD.map(async ([mode, told]) => {
        const channel = `fault-${mode}`;
        await promote('test-1', channel);
        const proxy = await proxied();
        const MODEL_DIR = await emptyDirectory();
        const server = await start({ ...environment(proxy.endpoint, channel), MODEL_DIR });
        await server.live('test-1');
        await promote('test-2', channel);
        await proxy.setMode(mode);
        server.kill('SIGHUP');
        await soon(`a failure with a bucket that is ${mode}`, async () => (await state(server)).failure);
        const { status, model, failure } = await state(server);
        expect({ mode, status, version: model.version }).toEqual({
          mode,
          status: 'ready',
          version: 'test-1',
        });
        expect(failure).toMatch(told);
        expect(await predicts(server)).toBe('test-1');
        expect(await expectWhole(MODEL_DIR)).toEqual(['test-1']);
        await proxy.setMode('pass');
        // Nobody tells it: it tries again by itself.
        await soon(
          `the next model after ${mode}`,
          async () => (await state(server)).model.version === 'test-2',
        );
        expect((await state(server)).failure).toBeUndefined();
        expect(await expectWhole(MODEL_DIR)).toEqual(['test-1', 'test-2']);
        server.kill('SIGKILL');
      }),
    );
  }, 100_000);

  test('wrong bytes of the right length are refused by the name of their file', async () => {
    await promote('test-1', 'bytes');
    const MODEL_DIR = await emptyDirectory();
    const server = await start({ ...environment(s3.endpoint, 'bytes'), MODEL_DIR });
    await server.live('test-1');
    const { files, manifestSha256 } = await testArtifact('test-5');
    for (const [path, bytes] of files) {
      const Body = Uint8Array.from(bytes);
      if (path === 'forest.json.gz') Body[Body.length >> 1] ^= 1;
      await s3.client.send(
        new PutObjectCommand({ Bucket: bucket, Key: `${PREFIX}/versions/test-5/${path}`, Body }),
      );
    }
    const { channel, etag } = await registry.readChannel('bytes');
    const promotion = { version: 'test-5', manifestSha256, promotedAt: channel.promotedAt, reason: 'x' };
    await registry.writeChannel('bytes', promoted(channel, promotion), etag);
    server.kill('SIGHUP');
    await server.logged('cannot load the model');
    expect((await state(server)).failure).toContain('forest.json.gz');
    expect(await predicts(server)).toBe('test-1');
    expect(await expectWhole(MODEL_DIR)).toEqual(['test-1']);
  }, 30_000);

  test('403, a bucket that is none, and a channel that is none: alive, not ready, and told apart', async () => {
    await promote('test-1', 'prod');
    const good = { ...environment(s3.endpoint, 'prod'), MODEL_DIR: await emptyDirectory() };
    const { accessKeyId, secretAccessKey } = s3.stranger;
    const cases = [
      [{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }, 's3:GetObject'],
      [{ MODEL_BUCKET: 'no-such-bucket' }, 'the bucket no-such-bucket does not exist'],
      [{ MODEL_VERSION: 'channel:none' }, 'channels/none.json'],
    ] as const;
    for (const [changes, told] of cases) {
      const server = await start({ ...good, ...changes });
      await server.logged('cannot load the model');
      const response = await fetch(`${server.url}/readyz`);
      expect([response.status, (await response.json()).failure]).toEqual([
        503,
        expect.stringContaining(told),
      ]);
      expect((await fetch(`${server.url}/livez`)).status).toBe(200);
      server.kill('SIGKILL');
    }
  }, 30_000);

  test("a clock that is an hour wrong: the server learns S3's and is ready", async () => {
    await promote('test-1', 'clock');
    const [program, ...args] = RUNTIMES.bun!;
    const skewed = [program!, '--preload', join(ROOT, 'test/support/skewed-clock.ts'), ...args];
    const MODEL_DIR = await emptyDirectory();
    const server = await start(
      { ...environment(s3.endpoint, 'clock'), MODEL_DIR, SKEW_MS: '-3600000' },
      skewed,
    );
    await server.live('test-1');
  }, 30_000);

  test('kill -9 during a download leaves nothing half written, and the next start goes on', async () => {
    await promote('test-1', 'killed');
    const MODEL_DIR = await emptyDirectory();
    const given = { ...environment(s3.endpoint, 'killed'), MODEL_DIR };
    for (const delayMs of [0, 20, 40, 80, 160]) {
      const server = await start(given);
      await Bun.sleep(delayMs);
      server.kill('SIGKILL');
      await server.exited;
      await expectWhole(MODEL_DIR);
    }
    const server = await start(given);
    await server.live('test-1');
    expect(await expectWhole(MODEL_DIR)).toEqual(['test-1']);
  }, 40_000);

  test('two servers share one MODEL_DIR: neither loses its model to the other, and what nobody uses goes', async () => {
    const MODEL_DIR = await emptyDirectory();
    await promote('test-1', 'one');
    await promote('test-2', 'two');
    const one = await start({ ...environment(s3.endpoint, 'one'), MODEL_DIR });
    const two = await start({ ...environment(s3.endpoint, 'two'), MODEL_DIR });
    await one.live('test-1');
    await two.live('test-2');
    for (const version of ['test-3', 'test-4']) {
      await promote(version, 'two');
      two.kill('SIGHUP');
      await two.live(version);
    }
    // The live one, the one before it, and the other server's; test-2 is neither.
    const folders = () => readdir(join(MODEL_DIR, 'versions'));
    await soon('the eviction', async () => !(await folders()).some((name) => name === 'test-2'));
    expect(await expectWhole(MODEL_DIR)).toEqual(['test-1', 'test-3', 'test-4']);
    expect([await predicts(one), await predicts(two)]).toEqual(['test-1', 'test-4']);
  }, 40_000);

  test('a full disk: served from memory, and the log says why', async () => {
    const disk: SmallDisk | undefined = mountSmallDisk(16 << 10);
    if (
      !requireCondition('a small disk', disk !== undefined, 'run as root, or with a sudo that asks nothing')
    )
      return;
    cleanUp.push(() => disk!.unmount());
    await promote('test-1', 'full');
    const server = await start({ ...environment(s3.endpoint, 'full'), MODEL_DIR: disk!.path });
    await server.live('test-1');
    await server.logged('the local copy is of no use');
    expect(JSON.stringify(server.log)).toContain('no space is left');
    expect(await predicts(server)).toBe('test-1');
    expect((await state(server)).failure).toBeUndefined();
    expect(await expectWhole(disk!.path)).toEqual([]);
    disk!.makeReadOnly();
    const again = await start({ ...environment(s3.endpoint, 'full'), MODEL_DIR: disk!.path });
    await again.live('test-1');
    expect((await state(again)).failure).toBeUndefined();
    for (const running of [server, again]) {
      running.kill('SIGKILL');
      await running.exited;
    }
  }, 40_000);
});

describe('kill -9 during promote', () => {
  test('leaves the channel whole, old or new, and no lock in the way of the next', async () => {
    const MODEL_DIR = await testModelDirectory('test-1', 'test-2');
    cleanUp.push(() => rm(MODEL_DIR, { recursive: true, force: true }));
    const promote = (version: string) =>
      startSavings([
        ...['promote', version, '--channel', 'prod', '--reason', 'x', '--no-gate', 'a test'],
        ...['--store', MODEL_DIR],
      ]);
    expect(await promote('test-1').exited).toBe(0);
    const registry = new Registry(new DirectoryStore(MODEL_DIR));
    let sequence = 1;
    for (let delayMs = 150; delayMs <= 400; delayMs += 50) {
      const child = promote(sequence % 2 === 0 ? 'test-1' : 'test-2');
      await Bun.sleep(delayMs);
      child.kill('SIGKILL');
      await child.exited;
      const { channel } = await registry.readChannel('prod');
      expect([sequence, sequence + 1]).toContain(channel.sequence);
      expect(channel.version).toBe(channel.sequence % 2 === 0 ? 'test-2' : 'test-1');
      sequence = channel.sequence;
    }
    expect(await promote(sequence % 2 === 0 ? 'test-1' : 'test-2').exited).toBe(0);
    expect((await registry.readChannel('prod')).channel.sequence).toBe(sequence + 1);
  }, 30_000);
});
