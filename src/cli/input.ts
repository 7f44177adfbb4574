import { createReadStream, fstatSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { dataFormatOf } from '../dataset/data-format.ts';
import { gunzipped } from '../dataset/gzip.ts';
import { ParquetFile } from '../dataset/parquet/parquet-file.ts';
import { rowsAsCsv } from '../dataset/parquet/rows-as-csv.ts';
import { AppError } from '../errors.ts';
import { printable } from '../printable.ts';
import { codeOf, fileError } from '../store/directory/durable-file.ts';
import type { Io } from './command.ts';

/** What stands for standard input among the names of files. */
export const STDIN = '-';

/**
 * The rows of a file as a CSV, whatever its extension says that they are stored as: CSV, CSV.gz or Parquet. Standard
 * input is CSV.
 *
 * @throws AppError `not_found`, `unavailable` or `corrupt`, while reading
 */
export async function* inputCsv(path: string, io: Io): AsyncGenerator<Uint8Array> {
  const format = path === STDIN ? 'csv' : dataFormatOf(path);
  if (format === 'parquet') yield* withParquetFile(path, rowsAsCsv);
  else if (format === 'csv.gz') yield* gunzipped(inputBytes(path, io), path);
  else yield* inputBytes(path, io);
}

/**
 * A file's bytes as they are read, or standard input's.
 * @throws AppError `not_found` or `unavailable`, while reading
 */
async function* inputBytes(path: string, io: Io): AsyncGenerator<Uint8Array> {
  const standard = path === STDIN;
  // Bun would throw where nobody can catch it, and Deno would take it for an empty file.
  if (standard && fstatSync(0).isDirectory())
    throw new AppError(
      'unavailable',
      'Cannot read standard input: it is a directory where a file is needed.',
    );
  try {
    for await (const chunk of standard ? io.stdin : createReadStream(path)) yield chunk as Uint8Array;
  } catch (error) {
    throw readError(standard ? 'standard input' : path, error);
  }
}

/**
 * What is made of a Parquet file, piece by piece; the file is open for as long.
 *
 * @throws AppError `not_found`, `unavailable` or `corrupt`; whatever `pieces` throws
 */
export async function* withParquetFile(
  path: string,
  pieces: (file: ParquetFile) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const handle = await open(path).catch((error) => {
    throw readError(path, error);
  });
  try {
    const { size } = await handle.stat();
    const slice = async (start: number, end: number) => {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0)
          throw new AppError('conflict', `Cannot read ${path}: it was cut while it was read. Try again.`);
        at += bytesRead;
      }
      return bytes;
    };
    yield* pieces(await ParquetFile.open({ byteLength: size, slice }, path));
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    await handle.close();
  }
}

/** What a text calls such data: the file's name without its folder, of which only what is printable. */
export function dataName(path: string): string {
  return path === STDIN ? 'standard input' : printable(basename(path));
}

/** The same as often as it is asked for: a file is read anew, and standard input, which comes once, is kept. */
export function rereadable(path: string, io: Io): () => AsyncGenerator<Uint8Array> {
  if (path !== STDIN) return () => inputCsv(path, io);
  const kept: Uint8Array[] = [];
  let isRead = false;
  return async function* () {
    if (isRead) return yield* kept;
    for await (const chunk of inputCsv(path, io)) {
      kept.push(chunk);
      yield chunk;
    }
    isRead = true;
  };
}

/**
 * A whole file.
 *
 * @param what names it in messages; when it is not the path itself, no message holds the path
 * @throws AppError `not_found`, `too_large` or `unavailable`
 */
export async function readWhole(path: string, maxBytes: number, what = path): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= maxBytes) return await readFile(path);
  } catch (error) {
    const code = codeOf(error);
    throw readError(what, what === path ? error : Object.assign(new Error(code), { code }));
  }
  throw new AppError('too_large', `Cannot read ${what}: it is larger than ${maxBytes} bytes.`);
}

function readError(what: string, error: unknown): unknown {
  if (codeOf(error) !== 'ENOENT') return fileError('read', what, error);
  return new AppError('not_found', `Cannot read ${what}: it does not exist.`, { cause: error });
}
