import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { S3Store, type S3StoreOptions } from '../../../src/store/s3/s3.ts';
import { failure } from '../../support/failure.ts';
import { type FaultyProxy, startFaultyProxy } from '../../support/faulty-proxy.ts';
import { type FaultyServer, startBlackHole, startFaultyServer } from '../../support/faulty-server.ts';
import { requireTool } from '../../support/require-tool.ts';
import { S3_START_MS, type S3Server, s3Server } from '../../support/s3-server.ts';
import { storeContract } from '../contract.ts';

const text = (value: string) => new TextEncoder().encode(value);
const limits = { maxBytes: 1 << 20, timeoutMs: 20_000 };
/** Short bounds, so that a fault that is only ended by one takes no long time to end. */
const impatient = { connectMs: 150, responseMs: 150, idleMs: 150, operationMs: 400, attempts: 3 };

describe.skipIf(!requireTool('radosgw'))('S3Store on a real S3 server', () => {
  let server: S3Server;
  let bucket: string;
  beforeAll(async () => {
    server = await s3Server();
    bucket = await server.newBucket();
  }, S3_START_MS);
  const open = (changes: Partial<S3StoreOptions> = {}) => {
    const { endpoint, region, credentials } = server;
    return new S3Store({ bucket, endpoint, region, credentials, ...changes });
  };

  describe('as any store', () => {
    let prefixes = 0;
    storeContract(async (onRequest) => open({ prefix: `contract/${++prefixes}`, onRequest }));
  });

  test('keeps to its prefix, with or without a slash at its end', async () => {
    await open({ prefix: 'here/' }).putIfAbsent('key', text('here'));
    await open({ prefix: 'here-too' }).putIfAbsent('key', text('there'));
    expect(await open({ prefix: 'here' }).list('')).toEqual(['key']);
    expect(await open({}).list('here/')).toEqual(['here/key']);
    expect(open({ prefix: 'here/' }).name).toBe(`s3://${bucket}/here`);
    expect(open({}).name).toBe(`s3://${bucket}`);
  });

  test('refuses a prefix that is no key', () => {
    for (const prefix of ['/absolute', 'a//b', '../up', 'a\\b'])
      expect(() => open({ prefix })).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  test('lists beyond one page', async () => {
    const own = await server.newBucket();
    const keys = Array.from({ length: 123 }, (_, i) => `many/${String(i).padStart(5, '0')}`);
    await Promise.all(
      keys.map((Key) => server.client.send(new PutObjectCommand({ Bucket: own, Key, Body: text('x') }))),
    );
    const page = await server.client.send(new ListObjectsV2Command({ Bucket: own, MaxKeys: 1000 }));
    expect(page).toMatchObject({ IsTruncated: true, KeyCount: 50 });
    expect(await open({ bucket: own }).list('many/')).toEqual(keys);
  });

  test('does not see objects whose names are no keys', async () => {
    const own = await server.newBucket();
    for (const Key of ['folder/', 'folder//x', 'folder/.hidden', 'folder/kept'])
      await server.client.send(new PutObjectCommand({ Bucket: own, Key, Body: text('x') }));
    expect(await open({ bucket: own }).list('')).toEqual(['folder/kept']);
  });

  test('carries objects of several megabytes', async () => {
    const bytes = new Uint8Array(randomBytes(5 << 20));
    await open().putIfAbsent('large', bytes);
    const found = await open().get('large', { ...limits, maxBytes: bytes.length });
    expect(Buffer.compare(found.bytes, bytes)).toBe(0);
  }, 30_000);

  describe('says what to check when', () => {
    test('the secret is wrong', async () => {
      const credentials = { ...server.credentials, secretAccessKey: 'WRONG' };
      for (const work of [
        () => open({ credentials }).get('key', limits),
        () => open({ credentials }).putIfAbsent('key', text('x')),
        () => open({ credentials }).list(''),
      ]) {
        const message = await failure(work(), 'unavailable');
        expect(message).toMatch(
          new RegExp(
            `^Cannot (read|create|list) s3://${bucket}/.*: access denied: the secret access key is not the one of`,
          ),
        );
        expect(message).not.toContain('WRONG');
      }
    });

    test('the access key is unknown', async () => {
      const credentials = { accessKeyId: 'NOBODY', secretAccessKey: 'x' };
      expect(await failure(open({ credentials }).get('key', limits), 'unavailable')).toContain(
        'this S3 does not know the access key id',
      );
    });

    test('the permission is missing', async () => {
      const stranger = open({ credentials: server.stranger });
      await open().putIfAbsent('private', text('x'));
      expect(await failure(stranger.get('private', limits), 'unavailable')).toContain(
        `Cannot read s3://${bucket}/private: access denied; the credentials need s3:GetObject on it`,
      );
      expect(await failure(stranger.list(''), 'unavailable')).toContain('s3:ListBucket on it');
      expect(await failure(stranger.putIfAbsent('new', text('x')), 'unavailable')).toContain(
        's3:PutObject on it',
      );
    });

    test('the bucket does not exist', async () => {
      for (const work of [
        () => open({ bucket: 'no-such-bucket' }).get('key', limits),
        () => open({ bucket: 'no-such-bucket' }).putIfAbsent('key', text('x')),
        () => open({ bucket: 'no-such-bucket' }).compareAndSwap('key', text('x'), '"etag"'),
        () => open({ bucket: 'no-such-bucket' }).list(''),
      ])
        expect(await failure(work(), 'not_found')).toContain('the bucket no-such-bucket does not exist');
    });

    test('no credentials are found', async () => {
      const { endpoint, region } = server;
      const script = `
        import { S3Store } from './src/store/s3/s3.ts';
        const store = new S3Store({ bucket: 'b', endpoint: '${endpoint}', region: '${region}' });
        await store.get('k', { maxBytes: 1, timeoutMs: 10_000 }).catch((error) => console.log(error.code, error.message));`;
      expect(await run(script, {})).toBe(
        'unavailable Cannot read s3://b/k: no AWS credentials were found; give the process a role or keys.',
      );
    });

    test('no region is set', async () => {
      const script = `
        import { S3Store } from './src/store/s3/s3.ts';
        const store = new S3Store({ bucket: 'b' });
        await store.list('').catch((error) => console.log(error.code, error.message));`;
      expect(await run(script, { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' })).toBe(
        'unavailable Cannot list s3://b/: no AWS region is set; set AWS_REGION.',
      );
    });
  });

  test("takes region, keys and endpoint from the SDK's own variables, and lets the process end", async () => {
    const own = await server.newBucket();
    const script = `
      import { S3Store } from './src/store/s3/s3.ts';
      const store = new S3Store({ bucket: '${own}', endpoint: process.env.AWS_ENDPOINT_URL_S3 });
      await store.putIfAbsent('key', new TextEncoder().encode('x'));
      console.log(await store.list(''));`;
    const { accessKeyId, secretAccessKey } = server.credentials;
    const printed = await run(script, {
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_REGION: server.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    });
    expect(printed).toBe('[ "key" ]');
  });

  describe('with the network between failing', () => {
    let proxy: FaultyProxy;
    let store: S3Store;
    beforeAll(async () => {
      proxy = await startFaultyProxy(server.endpoint);
      store = open({
        endpoint: proxy.endpoint,
        prefix: 'proxied',
        // One try goes to a kept connection that has been closed meanwhile, one to the fault, and one succeeds.
        limits: { responseMs: 300, idleMs: 300, attempts: 3 },
      });
      await store.putIfAbsent('key', text('the bytes'));
    });
    afterAll(() => proxy.stop());

    test.each(['down', 'hang', 'slow', 'truncate', 'reset', '503'] as const)(
      '%s: fails, and then recovers',
      async (mode) => {
        await proxy.setMode(mode);
        await failure(store.get('key', { ...limits, timeoutMs: 2_000 }), 'unavailable');
        await proxy.setMode('pass');
        expect(await store.get('key', limits)).toMatchObject({ bytes: text('the bytes') });
      },
    );

    test.each(['hang', 'truncate', 'reset', '503'] as const)('%s once: is tried again', async (mode) => {
      await proxy.once(mode);
      expect(await store.get('key', limits)).toMatchObject({ bytes: text('the bytes') });
    });

    test('a write whose response is lost is known as our own', async () => {
      await proxy.once('lose-response');
      await store.putIfAbsent('unconfirmed', text('x'));
      const first = await store.get('unconfirmed', limits);
      await proxy.once('lose-response');
      const etag = await store.compareAndSwap('unconfirmed', text('y'), first.etag);
      expect(await store.get('unconfirmed', limits)).toEqual({ bytes: text('y'), etag });
    });

    test('and another write of the same bytes is not', async () => {
      await open({ prefix: 'proxied' }).putIfAbsent('same', text('x'));
      await proxy.once('503');
      await failure(store.putIfAbsent('same', text('x')), 'conflict');
    });
  });
});

describe('S3Store on a server that misbehaves', () => {
  let server: FaultyServer;
  let store: S3Store;
  beforeAll(async () => {
    server = await startFaultyServer();
    store = new S3Store({ ...anyone, endpoint: server.endpoint, limits: impatient });
  });
  afterAll(() => server.stop());
  const anyone = {
    bucket: 'b',
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
  };
  const get = (key: string, timeoutMs = 3_000) => store.get(key, { maxBytes: 1 << 20, timeoutMs });

  // A test that is not ended by the store's own bounds is ended by the runner's, as a failure.
  test.concurrent.each([
    ['hang', 3, 'S3 did not answer in time'],
    ['stall', 3, 'S3 did not answer in time'],
    ['truncated', 3, 'no answer from S3'],
    ['reset', 3, 'no answer from S3'],
    ['garbage', 3, 'no answer from S3'],
    ['500', 3, 'S3 answered 500 (InternalError)'],
    ['503', 3, 'S3 answered 503 (SlowDown)'],
    ['403', 1, 'access denied; the credentials need s3:GetObject on it'],
    ['400-expired', 1, 'session token of the credentials is expired'],
    ['304', 1, 'the answer is a redirect (304), which S3 would not give'],
    ['html', 1, 'the answer is not one of S3; check AWS_ENDPOINT_URL_S3'],
  ])('%s: unavailable after %d tries', async (fault, attempts, reason) => {
    expect(await failure(get(`tries/${fault}`), 'unavailable')).toContain(reason);
    expect(server.attempts(`tries/${fault}`)).toBe(attempts);
  });

  test.each([
    ['404', 'Cannot read s3://b/404: it does not exist.'],
    ['404-bucket', 'Cannot read s3://b/404-bucket: the bucket b does not exist'],
  ])('%s: not found', async (fault, message) => {
    expect(await failure(get(fault), 'not_found')).toStartWith(message);
    expect(server.attempts(fault)).toBe(1);
  });

  test.each(['trickle', 'hang', 'stall', 'slow-head'])('%s: ends at the deadline', async (fault) => {
    expect(await failure(get(fault, 50), 'unavailable')).toBe(
      `Cannot read s3://b/${fault}: it took longer than 50 ms.`,
    );
  });

  test.each([
    ['slow-head', 'late but right'],
    ['503-twice', 'fine at last'],
    ['truncated-once', 'whole at last'],
  ])('%s: succeeds', async (fault, body) => {
    expect(await get(fault)).toEqual({ bytes: text(body), etag: '"an-etag"' });
  });

  test('endless: stops reading at the bound', async () => {
    expect(await failure(get('endless'), 'too_large')).toBe(
      'Cannot read s3://b/endless: it is larger than 1048576 bytes.',
    );
  });

  test('wrong bytes of the right length pass here: the registry holds them against their sha256', async () => {
    expect(await get('wrong-bytes')).toMatchObject({ bytes: new Uint8Array(5000) });
  });

  test('a signal ends an operation at once', async () => {
    const controller = new AbortController();
    const work = store.get('hang', { maxBytes: 1, timeoutMs: 60_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    expect(await failure(work, 'unavailable')).toBe('Cannot read s3://b/hang: it was cancelled.');
  });

  test('html: is neither an empty list nor a write', async () => {
    const listed = new S3Store({ ...anyone, bucket: 'html', endpoint: server.endpoint, limits: impatient });
    expect(await failure(listed.list(''), 'unavailable')).toContain('the answer is not one of S3');
    expect(await failure(store.putIfAbsent('html', text('x')), 'unavailable')).toContain('is not one of S3');
  });

  test('writes and lists are bounded too', async () => {
    const works = ['hang', '503', 'reset'].flatMap((fault) => {
      const listed = new S3Store({ ...anyone, bucket: fault, endpoint: server.endpoint, limits: impatient });
      return [store.putIfAbsent(fault, text('x')), listed.list('')];
    });
    await Promise.all(works.map((work) => failure(work, 'unavailable')));
  });

  test('a port that never accepts', async () => {
    const hole = await startBlackHole();
    const blocked = new S3Store({ ...anyone, endpoint: hole.endpoint, limits: impatient });
    try {
      expect(await failure(blocked.get('key', limits), 'unavailable')).toContain('did not answer in time');
      expect(await failure(blocked.get('key', { ...limits, timeoutMs: 100 }), 'unavailable')).toContain(
        'it took longer than 100 ms',
      );
    } finally {
      await hole.stop();
    }
  });
});

/** Runs a script in a process with nothing of this one's AWS settings; gives what it prints. */
async function run(script: string, env: Record<string, string>): Promise<string> {
  const child = Bun.spawn([process.execPath, '-e', script], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const printed = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return printed.trim();
}
