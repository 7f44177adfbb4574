import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatIdentity, ownIdentity } from '../../src/store/directory/process-identity.ts';
import { writeVersionWhole } from '../../src/store/version-folder.ts';
import { artifactFiles } from '../support/artifact.ts';
import { startChild } from '../support/child.ts';
import { failure } from '../support/failure.ts';

const work = await mkdtemp(join(tmpdir(), 'savings-version-'));
afterAll(() => rm(work, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(work, String(++folders), 'versions');

const FILES = 6;
const FILE_BYTES = 4 << 20;
/** Writes versions of several megabytes, one after another, until it is killed. */
const WRITE = `
  import { writeVersionWhole } from './src/store/version-folder.ts';
  const files = new Map();
  for (let i = 0; i < ${FILES}; i++) files.set('file-' + i, new Uint8Array(${FILE_BYTES}).fill(i));
  for (let version = 0; ; version++) {
    console.log('writing');
    await writeVersionWhole(process.argv[1], 'v' + version, files);
  }`;

describe('writeVersionWhole', () => {
  test('writes all files under the name of the version, and leaves nothing else', async () => {
    const folder = newFolder();
    const files = artifactFiles('v1');
    await writeVersionWhole(folder, 'v1', files);
    expect(await readdir(folder)).toEqual(['v1']);
    expect((await readdir(join(folder, 'v1'))).sort()).toEqual([...files.keys()].sort());
    for (const [path, bytes] of files)
      expect(Buffer.compare(await readFile(join(folder, 'v1', path)), bytes)).toBe(0);
  });

  test('leaves a version that is there as it is', async () => {
    const folder = newFolder();
    await writeVersionWhole(folder, 'v1', new Map([['file', Uint8Array.of(1)]]));
    const again = writeVersionWhole(folder, 'v1', new Map([['file', Uint8Array.of(2)]]));
    expect(await failure(again, 'conflict')).toContain('it is already there');
    expect(await readFile(join(folder, 'v1', 'file'))).toEqual(Buffer.of(1));
    expect(await readdir(folder)).toEqual(['v1']);
  });

  test('takes its place when told to', async () => {
    const folder = newFolder();
    await writeVersionWhole(folder, 'v1', new Map([['old', Uint8Array.of(1)]]));
    await writeVersionWhole(folder, 'v1', new Map([['new', Uint8Array.of(2)]]), { replace: true });
    expect(await readdir(join(folder, 'v1'))).toEqual(['new']);
    expect(await readdir(folder)).toEqual(['v1']);
  });

  test('lets exactly one of several at once write a version', async () => {
    const folder = newFolder();
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, (_, i) =>
        writeVersionWhole(
          folder,
          'v1',
          new Map([
            ['a', Uint8Array.of(i)],
            ['b', Uint8Array.of(i)],
          ]),
        ),
      ),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await readFile(join(folder, 'v1', 'a'))).toEqual(await readFile(join(folder, 'v1', 'b')));
    expect(await readdir(folder)).toEqual(['v1']);
  });

  test('writes nowhere but in the folder of the version', async () => {
    const folder = newFolder();
    for (const name of ['../escape', '..', '', '/tmp/x', '.hidden', 'a\\b']) {
      await failure(writeVersionWhole(folder, name, new Map()), 'invalid');
      await failure(writeVersionWhole(folder, 'v1', new Map([[name, Uint8Array.of(1)]])), 'invalid');
    }
    expect(existsSync(join(folder, 'v1'))).toBe(false);
    expect(existsSync(join(folder, '..', 'escape'))).toBe(false);
  });

  test('shows nothing of a version during which its process was killed, and cleans up at the next write', async () => {
    for (let round = 0; round < 4; round++) {
      const folder = newFolder();
      await using child = startChild(WRITE, [folder]);
      await child.printed('writing');
      while (!(await readdir(folder).catch(() => [])).some((name) => name.startsWith('.tmp-')))
        await sleep(1);
      await sleep(round * 7);
      await child.kill();
      for (const version of (await readdir(folder)).filter((name) => !name.startsWith('.'))) {
        for (let i = 0; i < FILES; i++) {
          const bytes = await readFile(join(folder, version, `file-${i}`));
          expect(Buffer.compare(bytes, Buffer.alloc(FILE_BYTES, i))).toBe(0);
        }
      }
      await writeVersionWhole(folder, 'next', new Map([['file', Uint8Array.of(1)]]));
      expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    }
  }, 30_000);

  test('leaves what a live process, or another host, is writing', async () => {
    const folder = newFolder();
    await mkdir(folder, { recursive: true });
    const own = formatIdentity(ownIdentity());
    const foreign = formatIdentity({ ...ownIdentity(), host: '0'.repeat(12) });
    for (const owner of [own, foreign, 'nobody']) await writeFile(join(folder, `.tmp-${owner}-1`), '');
    await writeVersionWhole(folder, 'v1', new Map([['file', Uint8Array.of(1)]]));
    expect((await readdir(folder)).sort()).toEqual(
      [`.tmp-${own}-1`, `.tmp-${foreign}-1`, '.tmp-nobody-1', 'v1'].sort(),
    );
  });
});
