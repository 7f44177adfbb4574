import { createReadStream, fstatSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import { codeOf, fileError } from '../store/directory/durable-file.ts';
import type { Io } from './command.ts';

/** What stands for standard input among the names of files. */
export const STDIN = '-';

/**
 * A file's bytes as they are read, or standard input's.
 * @throws AppError `not_found` or `unavailable`, while reading
 */
export async function* inputBytes(path: string, io: Io): AsyncGenerator<Uint8Array> {
  const standard = path === STDIN;
  // Bun would throw where nobody can catch it, and Deno would take it for an empty file.
  if (standard && fstatSync(0).isDirectory())
    throw new AppError(
      'unavailable',
      'Could not read standard input: it is a directory where a file is needed',
    );
  try {
    for await (const chunk of standard ? io.stdin : createReadStream(path)) yield chunk as Uint8Array;
  } catch (error) {
    throw readError(standard ? 'standard input' : path, error);
  }
}

/** A whole file. @throws AppError `not_found`, `too_large` or `unavailable` */
export async function readWhole(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes)
      throw new AppError('too_large', `Could not read ${path}: it is larger than ${maxBytes} bytes.`);
    return await readFile(path);
  } catch (error) {
    throw readError(path, error);
  }
}

/** @param what such as a path */
export function readError(what: string, error: unknown): unknown {
  if (codeOf(error) !== 'ENOENT') return fileError('read', what, error);
  return new AppError('not_found', `Could not read ${what}: it does not exist.`, { cause: error });
}
