import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '../../src/errors.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { Mirror } from '../../src/store/mirror.ts';
import { Registry } from '../../src/store/registry.ts';
import { S3Store } from '../../src/store/s3/s3.ts';
import { artifactFiles } from '../support/artifact.ts';
import { startChild } from '../support/child.ts';
import { failure } from '../support/failure.ts';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { requireCondition, requireTool } from '../support/require-tool.ts';
import { S3_START_MS, s3Server } from '../support/s3-server.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const work = await mkdtemp(join(tmpdir(), 'savings-mirror-'));
afterAll(() => rm(work, { recursive: true, force: true }));
let roots = 0;
const newRoot = () => join(work, `root-${++roots}`);

const VERSIONS = ['1.0.0', '1.1.0', '2.0.0'];
const promoted = (version: string) => sha256(artifactFiles(version).get('manifest.json')!);

/** A mirror in a directory of its own, with what it warned of and which files it asked the remote for. */
async function newMirror(localRoot = newRoot()) {
  const warnings: AppError[] = [];
  const requests: string[] = [];
  const remote = new Registry(
    new DirectoryStore(remoteRoot, {
      onRequest: (operation, result) => requests.push(`${operation} ${result}`),
    }),
  );
  const mirror = new Mirror({ remote, localRoot, onWarning: (warning) => warnings.push(warning) });
  return { mirror, localRoot, warnings, requests };
}

let remoteRoot: string;
beforeAll(async () => {
  remoteRoot = newRoot();
  const registry = new Registry(new DirectoryStore(remoteRoot));
  for (const version of VERSIONS) await registry.publishVersion(artifactFiles(version));
});

describe('Mirror.readVersion', () => {
  test('downloads once, and serves the local copy from then on', async () => {
    const { mirror, localRoot, requests, warnings } = await newMirror();
    const first = await mirror.readVersion('1.0.0', promoted('1.0.0'));
    expect(first.from).toBe('remote');
    expect(requests.length).toBeGreaterThan(0);
    requests.length = 0;
    const second = await mirror.readVersion('1.0.0', promoted('1.0.0'));
    expect(second.from).toBe('local');
    expect(requests).toEqual([]);
    for (const [path, bytes] of artifactFiles('1.0.0')) {
      expect(Buffer.compare(first.files.get(path)!, bytes)).toBe(0);
      expect(Buffer.compare(second.files.get(path)!, bytes)).toBe(0);
    }
    expect(await readdir(join(localRoot, 'versions'))).toEqual(['1.0.0']);
    expect(warnings).toEqual([]);
  });

  test('keeps nothing that does not verify', async () => {
    const { mirror, localRoot } = await newMirror();
    await failure(mirror.readVersion('1.0.0', '0'.repeat(64)), 'corrupt');
    await failure(mirror.readVersion('9.9.9'), 'not_found');
    expect(await readdir(localRoot).catch(() => [])).toEqual([]);
  });

  test('replaces a downloaded copy that has become corrupt', async () => {
    for (const file of ['forest.json.gz', 'manifest.json']) {
      const { mirror, localRoot, warnings } = await newMirror();
      await mirror.readVersion('1.0.0', promoted('1.0.0'));
      await writeFile(join(localRoot, 'versions', '1.0.0', file), 'garbage');
      expect((await mirror.readVersion('1.0.0', promoted('1.0.0'))).from).toBe('remote');
      expect(warnings.map((warning) => warning.code)).toEqual(['corrupt']);
      expect(warnings[0]?.message).toContain(file);
      expect((await mirror.readVersion('1.0.0', promoted('1.0.0'))).from).toBe('local');
      expect(await readdir(join(localRoot, 'versions'))).toEqual(['1.0.0']);
    }
  });

  test("serves the user's own copy when it is the promoted one", async () => {
    const { mirror, localRoot, requests } = await newMirror();
    await cp(join(remoteRoot, 'versions', '1.0.0'), join(localRoot, 'versions', '1.0.0'), {
      recursive: true,
    });
    expect((await mirror.readVersion('1.0.0', promoted('1.0.0'))).from).toBe('local');
    expect(requests).toEqual([]);
  });

  test("never touches the user's own copy when it is another, and serves the promoted one", async () => {
    const { mirror, localRoot, warnings } = await newMirror();
    const own = artifactFiles('1.0.0', { reviewBy: '2030-01-01T00:00:00Z' });
    await new Registry(new DirectoryStore(localRoot)).publishVersion(own);
    const read = await mirror.readVersion('1.0.0', promoted('1.0.0'));
    expect(read).toMatchObject({ from: 'remote', manifestSha256: promoted('1.0.0') });
    expect(warnings.map((warning) => warning.code)).toEqual(['corrupt', 'conflict']);
    expect(warnings[1]?.message).toContain('which was not downloaded; move it away');
    expect(await readFile(join(localRoot, 'versions', '1.0.0', 'manifest.json'))).toEqual(
      Buffer.from(own.get('manifest.json')!),
    );
  });

  test('several at once in one directory end with one whole copy', async () => {
    const localRoot = newRoot();
    const mirrors = await Promise.all(Array.from({ length: 4 }, () => newMirror(localRoot)));
    const reads = await Promise.all(
      mirrors.map(({ mirror }) => mirror.readVersion('2.0.0', promoted('2.0.0'))),
    );
    for (const read of reads) expect(read.manifestSha256).toBe(promoted('2.0.0'));
    expect(mirrors.flatMap(({ warnings }) => warnings)).toEqual([]);
    expect(await readdir(join(localRoot, 'versions'))).toEqual(['2.0.0']);
    expect((await mirrors[0].mirror.readVersion('2.0.0', promoted('2.0.0'))).from).toBe('local');
  });

  test('several processes at once do too', async () => {
    const localRoot = newRoot();
    const script = `
      import { DirectoryStore } from './src/store/directory/directory.ts';
      import { Mirror } from './src/store/mirror.ts';
      import { Registry } from './src/store/registry.ts';
      const [remoteRoot, localRoot, sha256] = process.argv.slice(1);
      const remote = new Registry(new DirectoryStore(remoteRoot));
      const mirror = new Mirror({ remote, localRoot, onWarning: (warning) => console.log(warning.message) });
      await mirror.readVersion('2.0.0', sha256);
      await mirror.evict(new Set(['2.0.0']));
      console.log((await mirror.readVersion('2.0.0', sha256)).from);`;
    const children = Array.from({ length: 3 }, () =>
      startChild(script, [remoteRoot, localRoot, promoted('2.0.0')]),
    );
    expect(await Promise.all(children.map((child) => child.output()))).toEqual(['local', 'local', 'local']);
  }, 20_000);

  test('serves from a root that cannot be written', async () => {
    const root = newRoot();
    await writeFile(root, 'a file where the directory should be');
    const { mirror, warnings } = await newMirror(root);
    expect((await mirror.readVersion('1.0.0', promoted('1.0.0'))).from).toBe('remote');
    expect(warnings.map((warning) => warning.code)).toEqual(['unavailable']);
    expect(warnings[0]?.message).toContain(root);
  });
});

const disk = mountSmallDisk(1 << 20);
afterAll(() => disk?.unmount());
const canMount = requireCondition('a small disk to fill', disk !== undefined, 'run as root to mount one');
describe.skipIf(!canMount)('Mirror on a full disk', () => {
  test('serves from memory, says why, and leaves nothing half written', async () => {
    const root = join(disk!.path, 'models');
    await mkdir(root);
    await writeFile(join(disk!.path, 'ballast'), new Uint8Array((1 << 20) - 64_000));
    const { mirror, warnings } = await newMirror(root);
    expect((await mirror.readVersion('1.0.0', promoted('1.0.0'))).from).toBe('remote');
    expect(warnings).toEqual([]);
    await writeFile(join(disk!.path, 'more-ballast'), new Uint8Array(16_000));
    expect((await mirror.readVersion('1.1.0', promoted('1.1.0'))).from).toBe('remote');
    expect(warnings.map((warning) => warning.code)).toEqual(['unavailable']);
    expect(warnings[0]?.message).toMatch(/Cannot write .*: no space is left on its disk; free some/);
    expect(await readdir(join(root, 'versions'))).toEqual(['1.0.0']);
    await rm(join(disk!.path, 'ballast'));
    expect((await mirror.readVersion('1.1.0', promoted('1.1.0'))).from).toBe('remote');
    expect((await mirror.readVersion('1.1.0', promoted('1.1.0'))).from).toBe('local');
  });

  test('serves a read-only disk: from it what is there, from the remote what is not', async () => {
    const root = join(disk!.path, 'read-only');
    const { mirror, warnings } = await newMirror(root);
    await mirror.readVersion('1.0.0', promoted('1.0.0'));
    disk!.makeReadOnly();
    expect((await mirror.readVersion('1.0.0', promoted('1.0.0'))).from).toBe('local');
    expect(warnings).toEqual([]);
    expect((await mirror.readVersion('1.1.0', promoted('1.1.0'))).from).toBe('remote');
    expect(warnings[0]?.message).toContain('it is on a read-only file system; use a writable directory');
    expect(await failure(mirror.evict(new Set()), 'unavailable')).toContain('read-only file system');
  });
});

describe('Mirror.evict', () => {
  const versionsIn = async (root: string) => (await readdir(join(root, 'versions'))).sort();

  test('removes what was downloaded and is not kept', async () => {
    const { mirror, localRoot } = await newMirror();
    for (const version of VERSIONS) await mirror.readVersion(version, promoted(version));
    expect(await mirror.evict(new Set(['1.1.0', '2.0.0']))).toEqual(['1.0.0']);
    expect(await versionsIn(localRoot)).toEqual(['1.1.0', '2.0.0']);
    expect((await mirror.readVersion('1.0.0', promoted('1.0.0'))).from).toBe('remote');
  });

  test('never removes what a user put there', async () => {
    const { mirror, localRoot } = await newMirror();
    await new Registry(new DirectoryStore(localRoot)).publishVersion(artifactFiles('mine'));
    await cp(join(remoteRoot, 'versions', '1.0.0'), join(localRoot, 'versions', '1.0.0'), {
      recursive: true,
    });
    await mirror.readVersion('1.0.0', promoted('1.0.0'));
    expect(await mirror.evict(new Set())).toEqual([]);
    expect(await versionsIn(localRoot)).toEqual(['1.0.0', 'mine']);
  });

  test('never removes what a user put in the place of a download', async () => {
    const { mirror, localRoot } = await newMirror();
    await mirror.readVersion('1.0.0', promoted('1.0.0'));
    await rm(join(localRoot, 'versions', '1.0.0'), { recursive: true });
    const own = artifactFiles('1.0.0', { reviewBy: '2030-01-01T00:00:00Z' });
    await new Registry(new DirectoryStore(localRoot)).publishVersion(own);
    expect(await mirror.evict(new Set())).toEqual([]);
    expect(await versionsIn(localRoot)).toEqual(['1.0.0']);
  });

  test('leaves what another live process keeps, until that ends', async () => {
    const { mirror, localRoot } = await newMirror();
    for (const version of VERSIONS) await mirror.readVersion(version, promoted(version));
    await using other = startChild(
      `
      import { DirectoryStore } from './src/store/directory/directory.ts';
      import { Mirror } from './src/store/mirror.ts';
      import { Registry } from './src/store/registry.ts';
      const [remoteRoot, localRoot] = process.argv.slice(1);
      const mirror = new Mirror({ remote: new Registry(new DirectoryStore(remoteRoot)), localRoot });
      await mirror.evict(new Set(['1.0.0', '1.1.0', '2.0.0']));
      console.log('keeping');
      setInterval(() => {}, 1000);`,
      [remoteRoot, localRoot],
    );
    await other.printed('keeping');
    expect(await mirror.evict(new Set(['2.0.0']))).toEqual([]);
    await other.kill();
    expect(await mirror.evict(new Set(['2.0.0']))).toEqual(['1.0.0', '1.1.0']);
  });

  test('does nothing where nothing was ever downloaded', async () => {
    const { mirror } = await newMirror();
    expect(await mirror.evict(new Set())).toEqual([]);
  });
});

describe.skipIf(!requireTool('radosgw'))('Mirror of a real S3 server that goes down', () => {
  let proxy: FaultyProxy;
  let remote: Registry;
  beforeAll(async () => {
    const { endpoint, region, credentials, newBucket } = await s3Server();
    proxy = await startFaultyProxy(endpoint);
    const limits = { connectMs: 300, responseMs: 300, idleMs: 300, attempts: 2 };
    remote = new Registry(
      new S3Store({ bucket: await newBucket(), endpoint: proxy.endpoint, region, credentials, limits }),
    );
    await remote.publishVersion(artifactFiles('1.0.0'));
    const { manifestSha256 } = await remote.readVersion('1.0.0');
    const state = {
      version: '1.0.0',
      manifestSha256,
      sequence: 1,
      promotedAt: '2026-01-01T00:00:00Z',
      reason: '',
    };
    await remote.writeChannel('prod', { ...state, previous: [] }, null);
  }, S3_START_MS);
  afterAll(() => proxy?.stop());

  test.each(['down', '503', 'truncate'] as const)(
    '%s: what was verified last is still served',
    async (mode) => {
      await proxy.setMode('pass');
      const localRoot = newRoot();
      const before = new Mirror({ remote, localRoot });
      await failure(before.recallChannel('prod'), 'not_found');
      const read = await remote.readChannel('prod');
      await before.readVersion(read.channel.version, read.channel.manifestSha256);
      await before.rememberChannel('prod', read);

      await proxy.setMode(mode);
      await failure(remote.readChannel('prod'), 'unavailable');
      const after = new Mirror({ remote, localRoot });
      const { channel } = await after.recallChannel('prod');
      expect(channel).toEqual(read.channel);
      expect((await after.readVersion(channel.version, channel.manifestSha256)).from).toBe('local');
    },
  );

  test('down: what was never downloaded is unavailable', async () => {
    await proxy.setMode('down');
    await failure(new Mirror({ remote, localRoot: newRoot() }).readVersion('1.0.0'), 'unavailable');
  });

  test('corrupt: what comes over a bad line is refused, and nothing of it is kept', async () => {
    await proxy.setMode('corrupt');
    const localRoot = newRoot();
    const mirror = new Mirror({ remote, localRoot });
    await failure(mirror.readVersion('1.0.0', promoted('1.0.0')), 'corrupt');
    expect(await readdir(localRoot).catch(() => [])).toEqual([]);
    await proxy.setMode('pass');
    expect((await mirror.readVersion('1.0.0', promoted('1.0.0'))).from).toBe('remote');
  });

  test("a local channel of the user's own is left alone", async () => {
    await proxy.setMode('pass');
    const localRoot = newRoot();
    await mkdir(join(localRoot, 'channels'), { recursive: true });
    await writeFile(join(localRoot, 'channels', 'prod.json'), 'mine');
    await new Mirror({ remote, localRoot }).rememberChannel('prod', await remote.readChannel('prod'));
    expect(await readFile(join(localRoot, 'channels', 'prod.json'), 'utf8')).toBe('mine');
  });
});
