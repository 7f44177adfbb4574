import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signFiles } from '../../src/model/signing/model-signature.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { promote, rollback } from '../../src/store/promotion.ts';
import { Registry } from '../../src/store/registry.ts';
import { artifactFiles } from '../support/artifact.ts';
import { failure } from '../support/failure.ts';
import { type KeyPair, newKeyPair } from '../support/key-pair.ts';

const pair = await newKeyPair();
const work = await mkdtemp(join(tmpdir(), 'savings-signed-'));
afterAll(() => rm(work, { recursive: true, force: true }));

let root: string;
let registry: Registry;
let roots = 0;
const folder = (version: string) => join(root, 'versions', version);

async function signedFiles(version: string) {
  const files = artifactFiles(version);
  return files.set('model.sig', await signFiles(files, version, pair.key));
}

beforeEach(async () => {
  root = join(work, String(++roots));
  registry = new Registry(new DirectoryStore(root), { publicKeys: [pair.key.verification] });
  await registry.publishVersion(await signedFiles('v1'));
});

describe('a registry with a public key', () => {
  test('reads what is signed, with its signature', async () => {
    const { files } = await registry.readVersion('v1');
    expect([...files.keys()].sort()).toEqual([...(await signedFiles('v1')).keys()].sort());
  });

  test('publishes nothing unsigned', async () => {
    expect(await failure(registry.publishVersion(artifactFiles('v2')), 'corrupt')).toContain('not signed');
    expect(await registry.listVersions()).toEqual(['v1']);
  });

  test('does not parse a manifest that is not the signed one', async () => {
    await writeFile(join(folder('v1'), 'manifest.json'), 'this is no JSON');
    expect(await failure(registry.readVersion('v1'), 'corrupt')).toContain('not the one that was signed');
    expect(await failure(registry.readManifest('v1'), 'corrupt')).toContain('not the one that was signed');
  });

  test.each(['forest.json.gz', 'MODEL_CARD.md', 'model.sig'])('refuses a flipped bit in %s', async (path) => {
    const bytes = await readFile(join(folder('v1'), path));
    bytes[bytes.length >> 1] ^= 4;
    await writeFile(join(folder('v1'), path), bytes);
    expect(await failure(registry.readVersion('v1'), 'corrupt')).toContain(path);
  });

  test('refuses a file more, and a signature taken away', async () => {
    await writeFile(join(folder('v1'), 'run-me.js'), 'x');
    expect(await failure(registry.readVersion('v1'), 'corrupt')).toContain(
      'run-me.js is there and is not signed',
    );
    await rm(join(folder('v1'), 'run-me.js'));
    await rm(join(folder('v1'), 'model.sig'));
    expect(await failure(registry.readVersion('v1'), 'corrupt')).toContain('it is not signed');
  });

  test("refuses one version's signed files under another's name", async () => {
    for (const [path, bytes] of await signedFiles('v1'))
      await registry.store.putIfAbsent(`versions/v9/${path}`, bytes);
    expect(await failure(registry.readVersion('v9'), 'corrupt')).toContain('of version v1');
  });
});

describe('promotions of a signed channel', () => {
  const request = {
    channel: 'prod',
    reason: 'a test',
    now: new Date('2026-01-01T00:00:00Z'),
    verify: async (version: string, expected?: string) =>
      (await registry.readVersion(version, expected)).manifestSha256,
  };
  const signing = { ...request, key: pair.key };

  test('are signed, one after the other', async () => {
    await registry.publishVersion(await signedFiles('v2'));
    await promote(registry, 'v1', signing);
    await promote(registry, 'v2', signing);
    const { channel } = await rollback(registry, signing);
    expect(channel).toMatchObject({ version: 'v1', sequence: 3 });
    expect(await registry.readChannel('prod')).toMatchObject({ channel, signed: true });
  });

  test('need the right key', async () => {
    const { key } = await newKeyPair();
    expect(await failure(promote(registry, 'v1', { ...request, key }), 'invalid')).toContain('private key');
    await failure(promote(registry, 'v1', request), 'invalid');
    expect(await registry.listChannels()).toEqual([]);
  });

  test('never turn a signed channel into an unsigned one, and may sign one that was not', async () => {
    const unchecked = new Registry(new DirectoryStore(root));
    await promote(unchecked, 'v1', request);
    const { changed, channel } = await promote(unchecked, 'v1', signing);
    expect([changed, channel.sequence]).toEqual([true, 2]);
    expect(await failure(promote(unchecked, 'v1', request), 'invalid')).toContain('it is signed');
    expect(await failure(rollback(unchecked, request), 'invalid')).toContain('it is signed');
  });

  test('keep history and sequence when a channel begins to be signed, and when its key changes', async () => {
    const next = await newKeyPair();
    const open = (publicKeys: KeyPair[], trustsChannels = false) =>
      new Registry(new DirectoryStore(root), {
        publicKeys: publicKeys.map(({ key }) => key.verification),
        trustsChannels,
      });
    await registry.publishVersion(await signedFiles('v2'));
    await open([next]).publishVersion(
      artifactFiles('v3').set('model.sig', await signFiles(artifactFiles('v3'), 'v3', next.key)),
    );
    await promote(new Registry(new DirectoryStore(root)), 'v1', request);

    await promote(open([pair], true), 'v2', signing);
    expect((await registry.readChannel('prod')).channel).toMatchObject({
      sequence: 2,
      previous: [{ version: 'v1' }],
    });

    // Servers take both keys; then the new one signs; then they take the new one alone.
    const both = open([pair, next]);
    const verify = async (version: string) => (await both.readVersion(version)).manifestSha256;
    const { channel } = await promote(both, 'v3', { ...request, verify, key: next.key });
    expect(channel.sequence).toBe(3);
    for (const keys of [[pair, next], [next]])
      expect((await open(keys).readChannel('prod')).channel).toEqual(channel);
    expect(await failure(registry.readChannel('prod'), 'corrupt')).toContain('a key that is trusted');
    expect(await failure(registry.readVersion('v3'), 'corrupt')).toContain('is not trusted');
  });

  test('sign again what names the right version with an earlier key', async () => {
    const next = await newKeyPair();
    const both = new Registry(new DirectoryStore(root), {
      publicKeys: [pair.key.verification, next.key.verification],
    });
    await promote(both, 'v1', signing);
    expect(await promote(both, 'v1', signing)).toMatchObject({ changed: false });
    expect(await promote(both, 'v1', { ...request, key: next.key })).toMatchObject({ changed: true });
  });
});
