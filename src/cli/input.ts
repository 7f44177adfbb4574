import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { AppError, messageOf } from '../errors.ts';
import type { Io } from './command.ts';

/** What stands for standard input among the names of files. */
export const STDIN = '-';

/** A file's bytes as they are read, or standard input's. @throws AppError `not_found` or `unavailable`, while reading */
export function inputBytes(path: string, io: Io): AsyncIterable<Uint8Array> {
  return path === STDIN ? io.stdin : fileBytes(path);
}

async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } catch (error) {
    throw readError(path, error);
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
    throw error instanceof AppError ? error : readError(path, error);
  }
}

function readError(path: string, cause: unknown): AppError {
  const missing = (cause as { code?: unknown }).code === 'ENOENT';
  return new AppError(
    missing ? 'not_found' : 'unavailable',
    `Could not read ${path}: ${missing ? 'it does not exist' : messageOf(cause)}.`,
    { cause },
  );
}
