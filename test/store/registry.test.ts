import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Channel } from '../../src/model/artifact/channel.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { Registry } from '../../src/store/registry.ts';
import { S3Store } from '../../src/store/s3/s3.ts';
import type { Store } from '../../src/store/store.ts';
import { artifactFiles } from '../support/artifact.ts';
import { failure } from '../support/failure.ts';
import { requireTool } from '../support/require-tool.ts';
import { S3_START_MS, s3Server } from '../support/s3-server.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const text = (value: string) => new TextEncoder().encode(value);

function channelTo(version: string, changes: Partial<Channel> = {}): Channel {
  return {
    version,
    manifestSha256: 'a'.repeat(64),
    sequence: 1,
    promotedAt: '2026-01-01T00:00:00Z',
    reason: 'a test',
    previous: [],
    ...changes,
  };
}

function manifestOf(files: ReadonlyMap<string, Uint8Array>): Manifest {
  return JSON.parse(new TextDecoder().decode(files.get('manifest.json')));
}

/** The files with others in place of some, which the manifest declares as they are then. */
function withFiles(
  files: Map<string, Uint8Array>,
  others: Record<string, Uint8Array>,
): Map<string, Uint8Array> {
  const manifest = manifestOf(files);
  for (const [path, bytes] of Object.entries(others)) {
    files.set(path, bytes);
    const declared = manifest.files.find((file) => file.path === path);
    if (declared) Object.assign(declared, { bytes: bytes.length, sha256: sha256(bytes) });
  }
  return files.set('manifest.json', text(JSON.stringify(manifest)));
}

const work = await mkdtemp(join(tmpdir(), 'savings-registry-'));
afterAll(() => rm(work, { recursive: true, force: true }));
let roots = 0;
const newDirectory = async () => new DirectoryStore(join(work, `root-${++roots}`));
const newPrefix = async () => {
  const { endpoint, region, credentials, newBucket } = await s3Server();
  return new S3Store({ bucket: await newBucket(), prefix: 'models', endpoint, region, credentials });
};

describe('Registry in a directory', () => registrySuite(newDirectory));
describe.skipIf(!requireTool('radosgw'))('Registry in a real S3 server', () => registrySuite(newPrefix));

function registrySuite(open: () => Promise<Store>): void {
  let store: Store;
  let registry: Registry;
  beforeAll(async () => {
    store = await open();
    registry = new Registry(store);
  }, S3_START_MS);
  /** Puts files where a version is, past the checks of publishing. */
  const plant = async (version: string, files: ReadonlyMap<string, Uint8Array>) => {
    for (const [path, bytes] of files) await store.putIfAbsent(`versions/${version}/${path}`, bytes);
  };

  describe('publishVersion', () => {
    test('gives back what was published, byte for byte', async () => {
      const files = artifactFiles('1.0.0');
      expect(await registry.publishVersion(files)).toMatchObject({ created: true });
      const read = await registry.readVersion('1.0.0', sha256(files.get('manifest.json')!));
      expect(read.manifestSha256).toBe(sha256(files.get('manifest.json')!));
      expect([...read.files.keys()].sort()).toEqual([...files.keys()].sort());
      for (const [path, bytes] of files) expect(Buffer.compare(read.files.get(path)!, bytes)).toBe(0);
      expect(read.manifest).toEqual(manifestOf(files));
    });

    test('keeps a signature beside the files it covers', async () => {
      const files = artifactFiles('signed').set('model.sig', text('a signature'));
      await registry.publishVersion(files);
      expect((await registry.readVersion('signed')).files.get('model.sig')).toEqual(text('a signature'));
    });

    test('does nothing when the very same version is there', async () => {
      await registry.publishVersion(artifactFiles('twice'));
      expect(await registry.publishVersion(artifactFiles('twice'))).toMatchObject({ created: false });
    });

    const again = { createdAt: '2026-01-01T23:59:59.999Z', reviewBy: '2027-01-01T23:59:59.999Z' };

    test('leaves the first in place when the same model is made again on the same day', async () => {
      await registry.publishVersion(artifactFiles('again'));
      const other = artifactFiles('again', { ...again, gitSha: 'abcdef0' });
      const { artifact, created } = await registry.publishVersion(other);
      expect(created).toBe(false);
      expect(artifact.manifest.createdAt).toBe('2026-01-01T00:00:00Z');
      expect(await registry.readVersion('again', artifact.manifestSha256)).toEqual(artifact);
    });

    test.each([
      ['on another day', { createdAt: '2026-01-02T00:00:00Z', reviewBy: '2027-01-02T00:00:00Z' }, {}],
      ['with another review', { ...again, reviewBy: '2028-01-01T00:00:00Z' }, {}],
      [
        'with other scores',
        { ...again, importances: [{ feature: 'income', maeIncrease: 1, standardDeviation: 0 }] },
        {},
      ],
      ['with another forest', again, { 'forest.json.gz': text('another forest') }],
      ['signed, where the first was not', again, { 'model.sig': text('late') }],
    ])('refuses one that is made again %s', async (what, changes, files) => {
      const name = what.replaceAll(/[^a-z]+/g, '-');
      await registry.publishVersion(artifactFiles(name));
      const other = withFiles(artifactFiles(name, changes), files);
      expect(await failure(registry.publishVersion(other), 'conflict')).toContain('versions never change');
      expect((await registry.readVersion(name)).manifest).toEqual(manifestOf(artifactFiles(name)));
    });

    test('lets two at once publish what each of them made', async () => {
      const results = await Promise.all([
        registry.publishVersion(artifactFiles('raced')),
        registry.publishVersion(artifactFiles('raced', again)),
      ]);
      expect(results.map(({ created }) => created).sort()).toEqual([false, true]);
      const { manifestSha256 } = await registry.readVersion('raced');
      for (const { artifact } of results) expect(artifact.manifestSha256).toBe(manifestSha256);
    });

    test('never changes a published version', async () => {
      await registry.publishVersion(artifactFiles('fixed'));
      const other = artifactFiles('fixed', { reviewBy: '2028-01-01T00:00:00Z' });
      expect(await failure(registry.publishVersion(other), 'conflict')).toContain('another manifest.json');
      const signed = artifactFiles('fixed').set('model.sig', text('late'));
      expect(await failure(registry.publishVersion(signed), 'conflict')).toContain('model.sig');
      expect((await registry.readVersion('fixed')).files.has('model.sig')).toBe(false);
    });

    test('goes on after an attempt that broke off', async () => {
      const files = artifactFiles('resumed');
      await store.putIfAbsent('versions/resumed/forest.json.gz', files.get('forest.json.gz')!);
      expect(await registry.listVersions()).not.toContain('resumed');
      expect(await registry.publishVersion(files)).toMatchObject({ created: true });
      expect((await registry.readVersion('resumed')).manifest.version).toBe('resumed');
    });

    test('does not build on another attempt with the same name', async () => {
      await store.putIfAbsent('versions/taken/golden.json', text('[1]'));
      expect(await failure(registry.publishVersion(artifactFiles('taken')), 'conflict')).toContain(
        'another golden.json is there already',
      );
      expect(await registry.listVersions()).not.toContain('taken');
    });

    test('lets two at once publish the same version', async () => {
      const [a, b] = await Promise.all([
        registry.publishVersion(artifactFiles('together')),
        registry.publishVersion(artifactFiles('together')),
      ]);
      expect(a.artifact.manifestSha256).toBe(b.artifact.manifestSha256);
      expect((await registry.readVersion('together')).manifest.version).toBe('together');
    });

    test('refuses files that do not fit their manifest, before anything is written', async () => {
      const missing = artifactFiles('unfit');
      missing.delete('golden.json');
      expect(await failure(registry.publishVersion(missing), 'invalid')).toBe(
        'Cannot publish version unfit: golden.json is missing.',
      );
      const extra = artifactFiles('unfit').set('notes.txt', text('x'));
      expect(await failure(registry.publishVersion(extra), 'invalid')).toContain('has no notes.txt');
      const changed = artifactFiles('unfit').set('golden.json', text('{}'));
      expect(await failure(registry.publishVersion(changed), 'corrupt')).toContain('golden.json');
      expect(await store.list('versions/unfit/')).toEqual([]);
    });
  });

  describe('readVersion', () => {
    test('names a version that is not there', async () => {
      expect(await failure(registry.readVersion('nowhere'), 'not_found')).toContain(
        'versions/nowhere/manifest.json',
      );
    });

    test('refuses a manifest that is not the promoted one', async () => {
      await registry.publishVersion(artifactFiles('swapped'));
      expect(await failure(registry.readVersion('swapped', 'b'.repeat(64)), 'corrupt')).toBe(
        `Cannot use manifest.json of version swapped in ${store.name}: its sha256 is not the one that was promoted.`,
      );
    });

    test('names the file whose bytes are not the declared ones', async () => {
      const changed = artifactFiles('flipped');
      const forest = changed.get('forest.json.gz')!.slice();
      forest[2500] ^= 1;
      await plant('flipped', changed.set('forest.json.gz', forest));
      expect(await failure(registry.readVersion('flipped'), 'corrupt')).toBe(
        `Cannot use forest.json.gz of version flipped in ${store.name}: its sha256 is not the one in its manifest.`,
      );
    });

    test.each([
      ['shorter', -1, 'its manifest says 5000 bytes, and it has 4999'],
      ['longer', 1, 'its manifest says 5000 bytes, and it has more'],
    ])('names the file that is %s than declared', async (version, by, reason) => {
      const files = artifactFiles(version).set('forest.json.gz', new Uint8Array(5000 + by));
      await plant(version, files);
      expect(await failure(registry.readVersion(version), 'corrupt')).toContain(`forest.json.gz`);
      expect(await failure(registry.readVersion(version), 'corrupt')).toContain(reason);
    });

    test('names the file that is missing', async () => {
      const files = artifactFiles('holed');
      files.delete('reference.json');
      await plant('holed', files);
      expect(await failure(registry.readVersion('holed'), 'not_found')).toContain(
        'versions/holed/reference.json',
      );
    });

    test('refuses a version that belongs to another name', async () => {
      await plant('renamed', artifactFiles('original'));
      expect(await failure(registry.readVersion('renamed'), 'corrupt')).toContain(
        'it says that it is of version original',
      );
    });

    test('names the fields of a manifest that are wrong, not their values', async () => {
      const files = artifactFiles('misshapen');
      const manifest = { ...manifestOf(files), data: { source: 1, sha256: 'SECRET', licence: '' } };
      await plant('misshapen', new Map([['manifest.json', text(JSON.stringify(manifest))]]));
      const message = await failure(registry.readManifest('misshapen'), 'corrupt');
      expect(message).toContain('manifest.json of version misshapen');
      expect(message).toContain('data.source');
      expect(message).toContain('data.sha256: must be a sha256');
      expect(message).not.toContain('SECRET');
    });

    test.each([
      ['not-json', text('{"version": ')],
      ['not-utf8', Uint8Array.of(0x22, 0xff, 0x22)],
      ['not-object', text('[]')],
      ['empty', new Uint8Array()],
      ['deep', text('['.repeat(400_000))],
    ])('refuses a manifest that is %s', async (version, bytes) => {
      await store.putIfAbsent(`versions/${version}/manifest.json`, bytes);
      expect(await failure(registry.readManifest(version), 'corrupt')).toContain(
        `manifest.json of version ${version}`,
      );
    });

    test('reads nothing of a version that declares more than the bound', async () => {
      const files = artifactFiles('huge');
      const manifest = manifestOf(files);
      manifest.files[0].bytes = 2 ** 40;
      await plant('huge', new Map([['manifest.json', text(JSON.stringify(manifest))]]));
      expect(await failure(registry.readVersion('huge'), 'too_large')).toContain('version huge');
    });
  });

  describe('channels', () => {
    test('are written, read, and unchanged while their etag is', async () => {
      const first = channelTo('1.0.0');
      const etag = await registry.writeChannel('prod', first, null);
      expect(await registry.readChannel('prod')).toMatchObject({ channel: first, etag });
      expect(await registry.readChannel('prod', { ifNoneMatch: etag })).toBe('unchanged');
      const { previous: _, ...state } = first;
      const second = channelTo('1.1.0', { sequence: 2, previous: [state] });
      const next = await registry.writeChannel('prod', second, etag);
      expect(await registry.readChannel('prod', { ifNoneMatch: etag })).toMatchObject({
        channel: second,
        etag: next,
      });
    });

    test('are not written over another change', async () => {
      const etag = await registry.writeChannel('beta', channelTo('1'), null);
      await registry.writeChannel('beta', channelTo('2', { sequence: 2 }), etag);
      await failure(registry.writeChannel('beta', channelTo('3', { sequence: 2 }), etag), 'conflict');
      await failure(registry.writeChannel('beta', channelTo('3'), null), 'conflict');
      expect((await registry.readChannel('beta')).channel.version).toBe('2');
    });

    test('hold their whole history with the longest reasons', async () => {
      const { previous: _, ...state } = channelTo('1', { reason: '₹'.repeat(400) });
      const full = channelTo('2', { reason: state.reason, previous: Array(20).fill(state) });
      await registry.writeChannel('full', full, null);
      expect((await registry.readChannel('full')).channel).toEqual(full);
    });

    test('name what is wrong with them', async () => {
      await store.putIfAbsent('channels/broken.json', text('{"version": "../up"}'));
      const message = await failure(registry.readChannel('broken'), 'corrupt');
      expect(message).toStartWith(`Cannot read channels/broken.json in ${store.name}: version: must be`);
    });
  });

  describe('resolve', () => {
    test('follows a channel to a version and what it promises', async () => {
      const etag = await registry.writeChannel('live', channelTo('1.0.0'), null);
      const resolved = await registry.resolve({ channel: 'live' });
      expect(resolved).toMatchObject({ version: '1.0.0', manifestSha256: 'a'.repeat(64) });
      expect(resolved.channel).toMatchObject({ name: 'live', etag });
    });

    test('takes a version as it is', async () => {
      expect(await registry.resolve({ version: '1.0.0' })).toEqual({ version: '1.0.0' });
    });

    test('refuses a channel that is not there', async () => {
      await failure(registry.resolve({ channel: 'none' }), 'not_found');
    });
  });

  test('lists versions that have a manifest, and nothing else', async () => {
    const empty = await open();
    const fresh = new Registry(empty);
    expect(await fresh.listVersions()).toEqual([]);
    await fresh.publishVersion(artifactFiles('b'));
    await fresh.publishVersion(artifactFiles('a'));
    await empty.putIfAbsent('versions/unfinished/forest.json.gz', text('x'));
    await empty.putIfAbsent('versions/UPPER/manifest.json', text('x'));
    await empty.putIfAbsent('versions/a/deeper/manifest.json', text('x'));
    expect(await fresh.listVersions()).toEqual(['a', 'b']);
  });
}

test('a version that somebody is copying in by hand does not exist before its manifest', async () => {
  const root = join(work, 'by-hand');
  await mkdir(join(root, 'versions', 'copied'), { recursive: true });
  await writeFile(join(root, 'versions', 'copied', 'forest.json.gz'), 'x');
  const registry = new Registry(new DirectoryStore(root));
  expect(await registry.listVersions()).toEqual([]);
  await failure(registry.readVersion('copied'), 'not_found');
});
