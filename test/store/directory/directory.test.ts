import { afterAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from '../../../src/store/directory/directory.ts';
import { startChild } from '../../support/child.ts';
import { failure } from '../../support/failure.ts';
import { requireCondition } from '../../support/require-tool.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { storeContract } from '../contract.ts';

const text = (value: string) => new TextEncoder().encode(value);
const limits = { maxBytes: 1 << 20, timeoutMs: 20_000 };
const work = await mkdtemp(join(tmpdir(), 'savings-directory-'));
afterAll(() => rm(work, { recursive: true, force: true }));
let roots = 0;
const newRoot = () => join(work, `root-${++roots}`);

describe('DirectoryStore', () => {
  describe('as any store', () => {
    storeContract(async (onRequest) => new DirectoryStore(newRoot(), onRequest && { onRequest }));
  });

  test('leaves nothing beside what was written', async () => {
    const root = newRoot();
    const store = new DirectoryStore(root);
    const etag = await store.compareAndSwap('channels/prod.json', text('1'), null);
    await store.compareAndSwap('channels/prod.json', text('2'), etag);
    await failure(store.putIfAbsent('channels/prod.json', text('3')), 'conflict');
    expect(await readdir(join(root, 'channels'))).toEqual(['prod.json']);
  });

  test('loses no change of several processes', async () => {
    const root = newRoot();
    const store = new DirectoryStore(root);
    await store.compareAndSwap('counter', text('0'), null);
    const script = `
      import { DirectoryStore } from './src/store/directory/directory.ts';
      const store = new DirectoryStore(process.argv[1]);
      for (let done = 0; done < 10; ) {
        const { bytes, etag } = await store.get('counter', { maxBytes: 100, timeoutMs: 5000 });
        const next = String(Number(new TextDecoder().decode(bytes)) + 1);
        await store.compareAndSwap('counter', new TextEncoder().encode(next), etag).then(
          () => done++,
          (error) => { if (error.code !== 'conflict') throw error; },
        );
      }`;
    await Promise.all(Array.from({ length: 3 }, () => startChild(script, [root]).output()));
    expect(await readFile(join(root, 'counter'), 'utf8')).toBe('30');
  }, 20_000);

  test('keeps the old bytes or the new ones when the process is killed while it writes', async () => {
    const root = newRoot();
    const store = new DirectoryStore(root);
    const large = (fill: string) => text(fill.repeat(1 << 20));
    await store.compareAndSwap('channel', large('a'), null);
    const script = `
      import { DirectoryStore } from './src/store/directory/directory.ts';
      const store = new DirectoryStore(process.argv[1]);
      let { etag } = await store.get('channel', { maxBytes: 1 << 20, timeoutMs: 5000 });
      for (let i = 0; ; i++) {
        if (i === 1) console.log('writing');
        etag = await store.compareAndSwap('channel', new Uint8Array(1 << 20).fill(97 + (i % 26)), etag);
      }`;
    for (let round = 0; round < 4; round++) {
      await using child = startChild(script, [root]);
      await child.printed('writing');
      await new Promise((resolve) => setTimeout(resolve, round * 3));
      await child.kill();
      const found = await store.get('channel', limits);
      expect(found.bytes.length).toBe(1 << 20);
      expect(found.bytes.every((byte) => byte === found.bytes[0])).toBe(true);
      await store.compareAndSwap('channel', large('z'), found.etag);
      expect(await readdir(root)).toEqual(['channel']);
    }
  }, 30_000);

  test('reads files only: it waits for no pipe and reads no directory', async () => {
    const root = newRoot();
    const store = new DirectoryStore(root);
    await store.putIfAbsent('folder/file', text('x'));
    spawnSync('mkfifo', [join(root, 'pipe')]);
    for (const key of ['pipe', 'folder'])
      expect(await failure(store.get(key, limits), 'unavailable')).toContain('it is not a file');
    await failure(store.get('folder/file/below', limits), 'not_found');
    expect(await failure(store.putIfAbsent('folder/file/below', text('x')), 'unavailable')).toContain(
      join(root, 'folder/file/below'),
    );
  });

  test('lists files alone, and ends where links lead in circles', async () => {
    const root = newRoot();
    await mkdir(join(root, 'a'), { recursive: true });
    await writeFile(join(root, 'a', 'kept'), '');
    await writeFile(join(root, 'a', '.hidden'), '');
    await writeFile(join(root, 'a', 'no key'), '');
    await symlink('nowhere', join(root, 'a', 'dangling'));
    await symlink(join(root, 'a'), join(root, 'a', 'circle'));
    const keys = await new DirectoryStore(root).list('');
    expect(keys.length).toBeLessThan(10);
    expect(keys.at(-1)).toBe('a/kept');
    expect(keys.every((key) => key.endsWith('kept'))).toBe(true);
  });
});

const disk = mountSmallDisk(1 << 20);
afterAll(() => disk?.unmount());
const canMount = requireCondition('a small disk to fill', disk !== undefined, 'run as root to mount one');
describe.skipIf(!canMount)('DirectoryStore on a full disk', () => {
  test('says so, keeps what was there, and leaves nothing half written', async () => {
    const store = new DirectoryStore(disk!.path);
    const etag = await store.compareAndSwap('channel', text('old'), null);
    const tooMuch = new Uint8Array(2 << 20);
    expect(await failure(store.putIfAbsent('new', tooMuch), 'unavailable')).toBe(
      `Cannot write ${disk!.path}/new: no space is left on its disk; free some.`,
    );
    await failure(store.compareAndSwap('channel', tooMuch, etag), 'unavailable');
    expect(await readdir(disk!.path)).toEqual(['channel']);
    expect(await store.get('channel', limits)).toEqual({ bytes: text('old'), etag });
    await store.compareAndSwap('channel', text('new'), etag);
  });

  test('says that it is read-only', async () => {
    const store = new DirectoryStore(disk!.path);
    const etag = await store.compareAndSwap('read-only', text('old'), null);
    disk!.makeReadOnly();
    const reason = 'it is on a read-only file system; use a writable directory';
    expect(await failure(store.putIfAbsent('new', text('x')), 'unavailable')).toContain(reason);
    expect(await failure(store.compareAndSwap('read-only', text('new'), etag), 'unavailable')).toContain(
      reason,
    );
    expect(await store.get('read-only', limits)).toEqual({ bytes: text('old'), etag });
  });
});

/** Root passes every permission by this capability; without it, it is held to them like anybody. */
const unprivileged =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override', '--inh-caps=-dac_override'] : [];
test('DirectoryStore says that it may not write', async () => {
  const root = newRoot();
  await mkdir(root, { mode: 0o555 });
  const script = `
    import { DirectoryStore } from './src/store/directory/directory.ts';
    await new DirectoryStore(process.argv[1]).putIfAbsent('key', new Uint8Array(1)).catch((error) => console.log(error.message));`;
  const printed = await startChild(script, [root], unprivileged).output();
  expect(printed).toBe(
    `Cannot write ${root}/key: permission is denied to this user; change the permissions or use another directory.`,
  );
});
