import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { ArtifactFiles } from '../model/artifact/artifact.ts';
import {
  codeOf,
  fileError,
  removeLeftovers,
  syncDirectory,
  temporaryPath,
  writeNewFile,
} from './directory/durable-file.ts';
import { checkKey } from './key.ts';

/**
 * Writes a version's folder so that it appears whole, on disk, or not at all: it is filled under a temporary name
 * beside its own, which is cleaned up at a later write when this process dies. With `replace`, a folder that is there
 * makes way; between the two renames there is none, which a reader sees as a version that does not exist.
 * @throws AppError `conflict` when the version is there, `unavailable` when the directory is full or not writable
 */
export async function writeVersionWhole(
  versionsDirectory: string,
  version: string,
  files: ArtifactFiles,
  { replace = false }: { replace?: boolean } = {},
): Promise<void> {
  const target = join(versionsDirectory, checkKey(version));
  const temporary = temporaryPath(versionsDirectory);
  try {
    await mkdir(versionsDirectory, { recursive: true });
    await removeLeftovers(versionsDirectory);
    await mkdir(temporary);
    for (const [path, bytes] of files) await writeNewFile(join(temporary, checkKey(path)), bytes);
    await syncDirectory(temporary);
    if (replace) await removeFolderWhole(target);
    await rename(temporary, target);
    await syncDirectory(versionsDirectory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    if (isTaken(error))
      throw new AppError('conflict', `Cannot create ${target}: it is already there.`, { cause: error });
    throw fileError('write', target, error);
  }
}

/** Removes a folder so that no part of it is ever seen without the rest; false when there was none. */
export async function removeFolderWhole(path: string): Promise<boolean> {
  const aside = temporaryPath(join(path, '..'));
  try {
    await rename(path, aside);
    await rm(aside, { recursive: true, force: true });
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw fileError('remove', path, error);
  }
}

/** Whether something is in the folder, finished or not. */
export async function hasFiles(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length > 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw fileError('read', path, error);
  }
}

/** A folder cannot be renamed over one that holds something; POSIX leaves the choice of the code. */
function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes(codeOf(error));
}
