import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Artifact, checkArtifact } from '../../src/model/artifact/artifact.ts';
import { promoted } from '../../src/model/artifact/channel.ts';
import type { Model } from '../../src/model/model.ts';
import { signFiles } from '../../src/model/signing/model-signature.ts';
import type { ModelSource } from '../../src/serving/live-model.ts';
import { DirectorySource, MirroredSource } from '../../src/serving/source.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { Mirror } from '../../src/store/mirror.ts';
import { Registry } from '../../src/store/registry.ts';
import { artifactFiles } from '../support/artifact.ts';
import { failure } from '../support/failure.ts';
import { type KeyPair, newKeyPair } from '../support/key-pair.ts';

const work = await mkdtemp(join(tmpdir(), 'savings-source-'));
afterAll(async () => {
  await chmod(work, 0o755);
  await rm(work, { recursive: true, force: true });
});
let roots = 0;
const newRoot = () => join(work, `root-${++roots}`);

/** A model, as far as a source looks at it. */
const liveOf = ({ manifest, manifestSha256 }: Artifact) =>
  ({ version: manifest.version, sha256: manifestSha256 }) as Model;

/** Fetches, as `Live` does, and takes what comes. */
async function follow(source: ModelSource, live?: Model): Promise<Model | undefined> {
  const fetched = await source.fetch(live);
  await fetched?.accepted?.();
  return fetched ? liveOf(fetched.artifact) : live;
}

describe.each(['directory', 'mirrored'] as const)('a %s source that follows a channel', (kind) => {
  let pair: KeyPair;
  let root: string;
  let cache: string;
  let remote: Registry;
  beforeEach(async () => {
    pair = await newKeyPair();
    [root, cache] = [newRoot(), newRoot()];
    remote = new Registry(new DirectoryStore(root), { publicKeys: [pair.key.verification] });
    for (const version of ['v1', 'v2']) {
      const files = artifactFiles(version);
      files.set('model.sig', await signFiles(files, version, pair.key));
      await remote.publishVersion(files);
    }
  });
  const newSource = (signed: boolean): ModelSource => {
    const publicKeys = signed ? [pair.key.verification] : undefined;
    if (kind === 'directory') {
      const config = { modelDir: root, modelSelector: { channel: 'prod' }, modelSelectorGiven: true };
      return new DirectorySource({ ...config, publicKeys });
    }
    const registry = new Registry(new DirectoryStore(root), { publicKeys });
    return new MirroredSource(
      { channel: 'prod' },
      registry,
      new Mirror({ remote: registry, localRoot: cache }),
    );
  };
  /** Puts a state there, whatever was there before. */
  const put = async (version: string, sequence: number, key = pair.key) => {
    const { sha256 } = await remote.readManifest(version);
    const state = promoted(undefined, {
      version,
      manifestSha256: sha256,
      promotedAt: '2026-01-01T00:00:00Z',
      reason: 'a test',
    });
    const etag = await remote.readChannel('prod').then(
      (read) => read.etag,
      () => null,
    );
    await remote.writeChannel('prod', { ...state, sequence }, etag, key);
  };

  test('takes a newer state', async () => {
    await put('v1', 1);
    const source = newSource(true);
    const live = await follow(source);
    expect(live?.version).toBe('v1');
    expect(await source.fetch(live)).toBeUndefined();
    await put('v2', 2);
    expect((await follow(source, live))?.version).toBe('v2');
  });

  test('signed, refuses an older state than it has seen, and another one of the same sequence', async () => {
    await put('v1', 5);
    const source = newSource(true);
    const live = await follow(source);
    await put('v2', 4);
    expect(await failure(source.fetch(live), 'corrupt')).toContain('its sequence is 4, and 5 has been seen');
    await put('v2', 5);
    await failure(source.fetch(live), 'corrupt');
    await put('v2', 6);
    expect((await follow(source, live))?.version).toBe('v2');
  });

  test('unsigned, takes whatever the store holds', async () => {
    await put('v1', 5);
    const source = newSource(false);
    const live = await follow(source);
    await put('v2', 4);
    expect((await follow(source, live))?.version).toBe('v2');
  });

  test('with a key, takes neither an unsigned channel nor an unsigned version', async () => {
    await put('v1', 1);
    const source = newSource(true);
    const live = await follow(source);
    const unsigned = new Registry(new DirectoryStore(root));
    const { channel, etag } = await unsigned.readChannel('prod');
    await unsigned.writeChannel('prod', { ...channel, sequence: 2 }, etag);
    expect(await failure(source.fetch(live), 'corrupt')).toContain('not signed');
    await rm(join(root, 'channels'), { recursive: true });
    const { artifact } = await unsigned.publishVersion(artifactFiles('v3'));
    const state = { ...channel, version: 'v3', manifestSha256: artifact.manifestSha256, sequence: 3 };
    await remote.writeChannel('prod', state, null, pair.key);
    expect(await failure(source.fetch(live), 'corrupt')).toContain('not signed');
  });

  if (kind === 'mirrored') {
    test('remembers over a restart what sequence it has seen', async () => {
      await put('v1', 5);
      await follow(newSource(true));
      await put('v2', 4);
      const restarted = newSource(true);
      // It goes on with what it knows, and says why.
      const fetched = await restarted.fetch(undefined);
      expect(fetched?.artifact.manifest.version).toBe('v1');
      expect(fetched?.stale).toContain('5 has been seen');
    });

    test('a copy that was tampered with is not served, though the bucket is gone', async () => {
      await put('v1', 1);
      await follow(newSource(true));
      const local = new Registry(new DirectoryStore(join(cache, '.mirror')));
      const { channel } = await local.readChannel('prod');
      await rm(join(cache, '.mirror/channels/prod.json'));
      await local.writeChannel('prod', channel, null);
      await rm(join(root, 'channels'), { recursive: true });
      await failure(newSource(true).fetch(undefined), 'not_found');
    });

    test('champion and challenger share a directory, and neither loses its copy to the other', async () => {
      const mirror = new Mirror({ remote, localRoot: cache });
      const kept = new Map<string, readonly string[]>();
      await follow(new MirroredSource({ version: 'v1' }, remote, mirror, kept));
      await follow(new MirroredSource({ version: 'v2' }, remote, mirror, kept));
      expect(await mirror.local.listVersions()).toEqual(['v1', 'v2']);
    });

    test('a cache that cannot be written only warns', async () => {
      await put('v1', 1);
      const warnings: string[] = [];
      const onWarning = ({ message }: Error) => warnings.push(message);
      const localRoot = join(root, 'channels/prod.json');
      const mirror = new Mirror({ remote, localRoot, onWarning });
      const source = new MirroredSource({ channel: 'prod' }, remote, mirror, new Map(), onWarning);
      const fetched = await source.fetch(undefined);
      expect(checkArtifact(fetched!.artifact.files).manifest.version).toBe('v1');
      await fetched!.accepted!();
      expect(warnings.length).toBeGreaterThan(0);
    });
  }
});
