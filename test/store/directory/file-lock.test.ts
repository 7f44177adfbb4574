import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockPath, withFileLock } from '../../../src/store/directory/file-lock.ts';
import { formatIdentity, ownIdentity } from '../../../src/store/directory/process-identity.ts';
import { startChild } from '../../support/child.ts';
import { failure } from '../../support/failure.ts';

const work = await mkdtemp(join(tmpdir(), 'savings-lock-'));
afterAll(() => rm(work, { recursive: true, force: true }));

const HOLD = `
  import { withFileLock } from './src/store/directory/file-lock.ts';
  await withFileLock(process.argv[1], () => new Promise((resolve) => {
    console.log('held');
    setInterval(() => {}, 1000);
  }));`;

/** Adds one to the number in a file, a given number of times: what is read and written unlocked would be lost. */
const COUNT = `
  import { readFile, writeFile } from 'node:fs/promises';
  import { withFileLock } from './src/store/directory/file-lock.ts';
  const [path, times] = process.argv.slice(1);
  for (let i = 0; i < Number(times); i++)
    await withFileLock(path, async () => {
      const count = Number(await readFile(path, 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 1));
      await writeFile(path, String(count + 1));
    });`;

describe('withFileLock', () => {
  test('lets one process at a time change a file', async () => {
    const path = join(work, 'counted');
    await writeFile(path, '0');
    const counters = Array.from({ length: 3 }, () => startChild(COUNT, [path, '10']));
    await Promise.all(counters.map((counter) => counter.output()));
    expect(await readFile(path, 'utf8')).toBe('30');
  }, 20_000);

  test('gives the lock back after a failure', async () => {
    const path = join(work, 'failing');
    const failing = withFileLock(path, () => Promise.reject(new Error('planted')));
    expect(failing).rejects.toThrow('planted');
    await failing.catch(() => {});
    expect(await withFileLock(path, async () => 'free')).toBe('free');
  });

  test('breaks the lock of a process that was killed, for one of those that wait', async () => {
    const path = join(work, 'abandoned');
    await using holder = startChild(HOLD, [path]);
    await holder.printed('held');
    await holder.kill();
    expect(await readFile(lockPath(path), 'utf8')).not.toBe('');
    await writeFile(path, '0');
    const counters = Array.from({ length: 3 }, () => startChild(COUNT, [path, '3']));
    await Promise.all(counters.map((counter) => counter.output()));
    expect(await readFile(path, 'utf8')).toBe('9');
  }, 20_000);

  test('waits for a live process, and then names the file to look at', async () => {
    const path = join(work, 'busy');
    await using holder = startChild(HOLD, [path]);
    await holder.printed('held');
    const message = await failure(
      withFileLock(path, async () => {}, 100),
      'unavailable',
    );
    expect(message).toContain(`delete ${lockPath(path)}`);
    await holder.kill();
    expect(await withFileLock(path, async () => 'free')).toBe('free');
  });

  test('never breaks the lock of another host, nor one that it cannot read', async () => {
    for (const holder of [formatIdentity({ ...ownIdentity(), host: '0'.repeat(12) }), 'somebody', '']) {
      const path = join(work, 'foreign');
      await writeFile(lockPath(path), holder);
      await failure(
        withFileLock(path, async () => {}, 50),
        'unavailable',
      );
      expect(await readFile(lockPath(path), 'utf8')).toBe(holder);
    }
  });
});
