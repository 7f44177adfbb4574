import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../../errors.ts';
import { formatIdentity, ownerState, ownIdentity, parseIdentity } from './process-identity.ts';

const TEMPORARY = '.tmp-';
/** Unfinished files of another host, whose processes cannot be asked after, are left alone for a day. */
const FOREIGN_LEFTOVER_MS = 24 * 60 * 60 * 1000;

/** A name beside the final one, which says whose it is; `removeLeftovers` cleans up after a crash. */
export function temporaryPath(directory: string): string {
  return join(directory, `${TEMPORARY}${formatIdentity(ownIdentity())}-${randomBytes(6).toString('hex')}`);
}

/**
 * Creates a file that appears with all its bytes, on disk, or not at all. Missing folders are made.
 * @returns false when it is already there
 */
export async function createFile(path: string, bytes: Uint8Array): Promise<boolean> {
  return await viaTemporary(path, bytes, async (temporary) => {
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/** Puts new bytes in a file's place: a reader sees all of the old or all of the new. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  await viaTemporary(path, bytes, (temporary) => rename(temporary, path));
}

/** The same for bytes as they come; when `pieces` throws, nothing has changed and that is passed on. */
export async function replaceFileBy(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  await viaTemporary(path, pieces, (temporary) => rename(temporary, path));
}

type Content = Uint8Array | AsyncIterable<Uint8Array>;

async function viaTemporary<T>(path: string, content: Content, finish: (temporary: string) => Promise<T>) {
  const directory = dirname(path);
  const temporary = temporaryPath(directory);
  try {
    await mkdir(directory, { recursive: true });
    await removeLeftovers(directory);
    await writeNewFile(temporary, content);
    const result = await finish(temporary);
    await syncDirectory(directory);
    return result;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileError('write', path, error);
  }
}

/** Writes a file that must not exist yet, through to the disk. */
export async function writeNewFile(path: string, content: Content): Promise<void> {
  const file = await open(path, 'wx');
  try {
    if (content instanceof Uint8Array) await file.writeFile(content);
    else for await (const piece of content) await writeAll(file, piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, null)).bytesWritten;
}

/** Makes the names in a directory durable: without it a rename can be lost with the power. */
export async function syncDirectory(path: string): Promise<void> {
  let directory: Awaited<ReturnType<typeof open>> | undefined;
  try {
    directory = await open(path, 'r');
    await directory.sync();
  } catch (error) {
    // Some file systems, and Windows, have no such thing to ask for.
    if (!['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM'].includes(codeOf(error))) throw error;
  } finally {
    await directory?.close();
  }
}

/** Removes unfinished files and folders whose process is gone. */
export async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const identity = parseIdentity(name.slice(TEMPORARY.length));
    if (!identity) continue;
    const path = join(directory, name);
    const state = ownerState(identity);
    if (state === 'dead' || (state === 'unknown' && (await ageMs(path)) > FOREIGN_LEFTOVER_MS))
      await rm(path, { recursive: true, force: true });
  }
}

async function ageMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found ? Date.now() - found.mtimeMs : 0;
}

/** `ENOENT` and the like, or an empty string. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : '';
}

const REASONS: Record<string, string> = {
  ENOSPC: 'no space is left on its disk; free some',
  EDQUOT: 'the disk quota is used up; free some space',
  EROFS: 'it is on a read-only file system; use a writable directory',
  EACCES: 'permission is denied to this user; change the permissions or use another directory',
  EPERM: 'the operation is not permitted; change the permissions or use another directory',
  ENOTDIR: 'a part of the path is a file where a directory is needed',
  EISDIR: 'it is a directory where a file is needed',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
};

/**
 * What a failed file operation means to a caller; an AppError passes unchanged, and so does what is a defect of ours
 * and no failure of the file system or of a sandbox.
 */
export function fileError(action: string, path: string, error: unknown): unknown {
  const foreseen = codeOf(error) !== '' || (error instanceof Error && error.name === 'NotCapable');
  if (error instanceof AppError || !foreseen) return error;
  const reason = REASONS[codeOf(error)] ?? messageOf(error);
  return new AppError('unavailable', `Cannot ${action} ${path}: ${reason}.`, { cause: error });
}
