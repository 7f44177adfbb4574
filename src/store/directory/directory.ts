import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError } from '../../errors.ts';
import { sha256 } from '../../model/sha256.ts';
import { withinDeadline } from '../deadline.ts';
import { checkKey, checkPrefix, isKey } from '../key.ts';
import {
  type GetOptions,
  observed,
  type ReadOptions,
  type Store,
  type StoredObject,
  type StoreObserver,
} from '../store.ts';
import { codeOf, createFile, fileError, replaceFile } from './durable-file.ts';
import { withFileLock } from './file-lock.ts';

const CHUNK_BYTES = 1 << 20;
const SWAP_READ_MS = 30_000;
/** Deeper than any key of ours; it ends the walk of a directory that leads back into itself. */
const MAX_DEPTH = 8;

/**
 * A store in a directory. An etag is the sha256 of the bytes.
 *
 * Every write is durable before it is reported, and what a crash leaves half done is invisible. Symbolic links that
 * somebody put under the root are followed; names that are not keys (`checkKey`), such as dot files, are not seen.
 */
export class DirectoryStore implements Store {
  readonly name: string;
  readonly #onRequest: StoreObserver | undefined;

  constructor(root: string, options: { onRequest?: StoreObserver | undefined } = {}) {
    this.name = root;
    this.#onRequest = options.onRequest;
  }

  get(key: string, options: ReadOptions & { ifNoneMatch?: undefined }): Promise<StoredObject>;
  get(key: string, options: GetOptions): Promise<StoredObject | 'unchanged'>;
  get(key: string, options: GetOptions): Promise<StoredObject | 'unchanged'> {
    return observed(this.#onRequest, 'get', async () => {
      const bytes = await readBounded(this.#path(key), options);
      const etag = sha256(bytes);
      return etag === options.ifNoneMatch ? 'unchanged' : { bytes, etag };
    });
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<void> {
    return observed(this.#onRequest, 'put', () => this.#create(this.#path(key), bytes));
  }

  compareAndSwap(key: string, bytes: Uint8Array, expectedEtag: string | null): Promise<string> {
    return observed(this.#onRequest, 'put', async () => {
      const path = this.#path(key);
      if (expectedEtag === null) await this.#create(path, bytes);
      else await this.#swap(path, bytes, expectedEtag);
      return sha256(bytes);
    });
  }

  list(prefix: string): Promise<string[]> {
    return observed(this.#onRequest, 'list', async () => {
      checkPrefix(prefix);
      const keys: string[] = [];
      await this.#walk(prefix, keys, MAX_DEPTH);
      return keys.sort();
    });
  }

  async #create(path: string, bytes: Uint8Array): Promise<void> {
    if (!(await createFile(path, bytes)))
      throw new AppError('conflict', `Cannot create ${path}: it is already there.`);
  }

  async #swap(path: string, bytes: Uint8Array, expectedEtag: string): Promise<void> {
    const check = async () => {
      if ((await etagOf(path)) !== expectedEtag)
        throw new AppError('conflict', `Cannot change ${path}: it has been changed since; read it again.`);
    };
    // Checked before too: the lock of a file in a folder that is not there could only fail with less to say.
    await check();
    await withFileLock(path, async () => {
      await check();
      await replaceFile(path, bytes);
    });
  }

  async #walk(prefix: string, keys: string[], depth: number): Promise<void> {
    const directory = join(this.name, prefix);
    let names: string[];
    try {
      names = await readdir(directory);
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return;
      throw fileError('list', directory, error);
    }
    for (const name of names) {
      const key = `${prefix}${name}`;
      if (!isKey(key)) continue;
      // Gone between the two calls, or a link to nothing.
      const found = await stat(join(this.name, key)).catch(() => undefined);
      if (found?.isFile()) keys.push(key);
      else if (found?.isDirectory() && depth > 0) await this.#walk(`${key}/`, keys, depth - 1);
    }
  }

  #path(key: string): string {
    return join(this.name, checkKey(key));
  }
}

/** The etag of the file at `path`; undefined when there is none. */
async function etagOf(path: string): Promise<string | undefined> {
  try {
    return sha256(await readBounded(path, { maxBytes: Number.MAX_SAFE_INTEGER, timeoutMs: SWAP_READ_MS }));
  } catch (error) {
    if (isAppError(error, 'not_found')) return undefined;
    throw error;
  }
}

function readBounded(path: string, options: ReadOptions): Promise<Uint8Array> {
  return withinDeadline(`read ${path}`, options, (signal) => readWhole(path, options.maxBytes, signal));
}

async function readWhole(path: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  try {
    // Before opening: to open a pipe would wait for its writer.
    const found = await stat(path);
    if (!found.isFile()) throw new AppError('unavailable', `Cannot read ${path}: it is not a file.`);
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > maxBytes)
        throw new AppError('too_large', `Cannot read ${path}: it is larger than ${maxBytes} bytes.`);
      // One byte more than there should be shows a file that is growing.
      const buffer = new Uint8Array(size + 1);
      let length = 0;
      for (;;) {
        signal.throwIfAborted();
        const wanted = Math.min(CHUNK_BYTES, buffer.length - length);
        const { bytesRead } = await file.read(buffer, length, wanted, null);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) break;
      }
      if (length !== size)
        throw new AppError('unavailable', `Cannot read ${path}: it is being changed; try again.`);
      return buffer.subarray(0, size);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR')
      throw new AppError('not_found', `Cannot read ${path}: it does not exist.`, { cause: error });
    throw fileError('read', path, error);
  }
}
