import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import { codeOf, createFile } from './durable-file.ts';
import { formatIdentity, ownerState, ownIdentity, parseIdentity } from './process-identity.ts';

/** The file that stands for the lock on `path`. */
export function lockPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.lock`);
}

/**
 * Runs `change` while no other process of those that share the directory changes `path`.
 *
 * The lock is a file beside `path`, with its owner's identity and the time in it. A lock whose process, on this host, is
 * dead is broken. One that is held by a live process, or by a process of another host, which cannot be asked after,
 * is waited for and never broken: the error names the file for a person to judge. It holds only among users of this
 * function: nothing stops an editor.
 * @throws AppError `unavailable` when `waitMs` have passed
 */
export async function withFileLock<T>(path: string, change: () => Promise<T>, waitMs = 10_000): Promise<T> {
  const lock = lockPath(path);
  const deadline = performance.now() + waitMs;
  while (!(await create(lock))) {
    const holder = await read(lock);
    if (performance.now() > deadline) {
      throw new AppError(
        'unavailable',
        `Cannot change ${path}: its lock has been held too long; when no process is changing it, ` +
          `delete ${lock} (and ${guardPath(lock)}, if it is there).`,
      );
    }
    if (holder !== undefined && isAbandoned(holder)) await breakLock(lock, holder);
    await sleep(5 + Math.random() * 20);
  }
  try {
    return await change();
  } finally {
    await rm(lock, { force: true });
  }
}

function isAbandoned(holder: string): boolean {
  const identity = parseIdentity(holder);
  return identity !== undefined && ownerState(identity) === 'dead';
}

/**
 * Two processes may both find the lock abandoned, and the slower one must not remove what the faster one has made
 * since: only the holder of the guard removes another's lock, and only the very one that was found abandoned.
 */
async function breakLock(lock: string, abandoned: string): Promise<void> {
  const guard = guardPath(lock);
  if (!(await create(guard))) return;
  try {
    if ((await read(lock)) === abandoned) await rm(lock, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function guardPath(lock: string): string {
  return `${lock}.break`;
}

async function create(path: string): Promise<boolean> {
  const once = randomBytes(6).toString('hex');
  const content = `${formatIdentity(ownIdentity())} ${once} ${new Date().toISOString()}\n`;
  return await createFile(path, new TextEncoder().encode(content));
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
