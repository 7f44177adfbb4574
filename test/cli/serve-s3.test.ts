import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from '../../src/store/registry.ts';
import { S3Store } from '../../src/store/s3/s3.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { testArtifact } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { S3_START_MS, type S3Server, s3Server } from '../support/s3-server.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

const PREFIX = 'models/savings';

describe.skipIf(!requireTool('radosgw'))('savings serve with a bucket', () => {
  let s3: S3Server;
  let proxy: FaultyProxy;
  let bucket: string;
  let registry: Registry;
  const cleanUp: (() => unknown)[] = [];

  beforeAll(async () => {
    s3 = await s3Server();
    proxy = await startFaultyProxy(s3.endpoint);
    bucket = await s3.newBucket();
    const { endpoint, region, credentials } = s3;
    registry = new Registry(new S3Store({ bucket, prefix: PREFIX, endpoint, region, credentials }));
    for (const version of ['test-1', 'test-2'])
      await registry.publishVersion((await testArtifact(version)).files);
    await promote('test-1', 1);
  }, S3_START_MS);
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
    await proxy?.stop();
  });

  async function promote(version: string, sequence: number, channel = 'prod') {
    const { manifestSha256 } = await testArtifact(version);
    const state = {
      version,
      manifestSha256,
      sequence,
      promotedAt: new Date().toISOString(),
      reason: 'a test',
      previous: [],
    };
    const read = await registry.readChannel(channel).catch(() => undefined);
    await registry.writeChannel(channel, state, read?.etag ?? null);
  }

  async function emptyDirectory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'savings-cache-'));
    cleanUp.push(() => rm(directory, { recursive: true, force: true }));
    return directory;
  }

  async function start(MODEL_DIR: string, more: Record<string, string> = {}): Promise<ServerProcess> {
    const server = await startServer({
      MODEL_DIR,
      MODEL_BUCKET: bucket,
      MODEL_PREFIX: PREFIX,
      AWS_REGION: s3.region,
      AWS_ENDPOINT_URL_S3: proxy.endpoint,
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
      SHUTDOWN_GRACE_SECONDS: '0',
      ...more,
    });
    cleanUp.push(() => server.kill('SIGKILL'));
    return server;
  }

  const state = async (server: ServerProcess) => (await fetch(`${server.url}/readyz`)).json();
  const predict = (server: ServerProcess) =>
    fetch(`${server.url}/api/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: HOUSEHOLD }),
    });

  test('downloads what the channel names and predicts with it', async () => {
    await proxy.setMode('pass');
    const directory = await emptyDirectory();
    const server = await start(directory);
    await server.ready();
    expect(await state(server)).toMatchObject({ status: 'ready', model: { version: 'test-1' } });
    expect((await predict(server)).status).toBe(200);
    server.kill('SIGINT');
    expect(await server.exited).toBe(0);
  });

  test('with S3 down, a verified copy is served and shown as stale, and fresh again when S3 is back', async () => {
    await proxy.setMode('pass');
    const directory = await emptyDirectory();
    const first = await start(directory);
    await first.logged('ready: open');
    first.kill('SIGKILL');
    await first.exited;
    await proxy.setMode('down');
    const server = await start(directory);
    await server.ready();
    const { status, stale, model } = await state(server);
    expect({ status, version: model.version }).toEqual({ status: 'ready', version: 'test-1' });
    expect(stale).toContain(`s3://${bucket}`);
    await proxy.setMode('pass');
    await expectSoon(async () => (await state(server)).stale === undefined);
  }, 40_000);

  test('with S3 down and nothing kept: alive, not ready, says why, and serves as soon as S3 is back', async () => {
    await proxy.setMode('down');
    const server = await start(await emptyDirectory());
    await server.logged('cannot load the model');
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    const response = await fetch(`${server.url}/readyz`);
    expect(response.status).toBe(503);
    expect((await response.json()).failure).toContain(`s3://${bucket}/${PREFIX}`);
    expect((await predict(server)).status).toBe(503);
    expect((await fetch(server.url)).status).toBe(503);
    await proxy.setMode('pass');
    await server.ready();
    expect((await predict(server)).status).toBe(200);
  }, 40_000);

  test('follows the channel to another version while it runs', async () => {
    await proxy.setMode('pass');
    await promote('test-1', 1, 'dev');
    const server = await start(await emptyDirectory(), {
      MODEL_VERSION: 'channel:dev',
      MODEL_REFRESH_SECONDS: '1',
    });
    await server.ready();
    await promote('test-2', 2, 'dev');
    await expectSoon(async () => (await state(server)).model.version === 'test-2');
    expect((await (await predict(server)).json()).model.version).toBe('test-2');
  }, 20_000);

  test('a bad version never replaces a good one', async () => {
    await proxy.setMode('pass');
    await promote('test-1', 1, 'canary');
    const server = await start(await emptyDirectory(), {
      MODEL_VERSION: 'channel:canary',
      MODEL_REFRESH_SECONDS: '1',
    });
    await server.ready();
    await promote('nowhere-1', 2, 'canary').catch(() => {});
    const read = await registry.readChannel('canary');
    await registry.writeChannel('canary', { ...read.channel, version: 'nowhere-1', sequence: 3 }, read.etag);
    await server.logged('cannot load the model');
    expect(await state(server)).toMatchObject({
      status: 'ready',
      model: { version: 'test-1' },
      failure: expect.stringContaining('nowhere-1'),
    });
    expect((await predict(server)).status).toBe(200);
  }, 20_000);

  test('a wrong key is told apart from a bucket that does not answer, and stands in no log line', async () => {
    await proxy.setMode('pass');
    const server = await start(await emptyDirectory(), { AWS_SECRET_ACCESS_KEY: 'not-the-secret' });
    await server.logged('cannot load the model');
    const { failure } = await (await fetch(`${server.url}/readyz`)).json();
    expect(failure.toLowerCase()).toMatch(/denied|credentials|signature/);
    expect(JSON.stringify(server.log)).not.toContain('not-the-secret');
  });

  async function expectSoon(holds: () => Promise<boolean>) {
    const began = performance.now();
    while (!(await holds())) {
      if (performance.now() - began > 15_000) throw new Error('it did not happen in 15 s');
      await Bun.sleep(50);
    }
  }
});
