import type { Deadline } from '../deadline.ts';
import { AppError } from '../errors.ts';

export interface StoredObject {
  bytes: Uint8Array;
  /** Opaque; changes whenever the content does. */
  etag: string;
}

/** The deadline is that of the whole operation, retries and body included. */
export interface ReadOptions extends Deadline {
  /** More than this many bytes is `too_large`, however many the other side announces. */
  maxBytes: number;
}

/** `ifNoneMatch`: an etag; while it is the object's, the result is 'unchanged'. */
export type GetOptions = ReadOptions & { ifNoneMatch?: string | undefined };

/**
 * Where objects are kept, by key. Keys are relative and `/`-separated (see `checkKey`).
 *
 * Every method fails with an `AppError`: `unavailable` when the store does not answer, refuses or is full, and what
 * is said beside each.
 */
export interface Store {
  /** `s3://bucket/prefix` or a directory, for messages; it never holds a credential. */
  readonly name: string;
  /** @throws `not_found`, `too_large` */
  get(key: string, options: ReadOptions & { ifNoneMatch?: undefined }): Promise<StoredObject>;
  get(key: string, options: GetOptions): Promise<StoredObject | 'unchanged'>;
  /** Creates an object that is never changed again. @throws `conflict` when it is already there */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Replaces an object that nobody else has changed since it was read; `null` when it must not be there yet.
   * @returns the new etag
   * @throws `conflict` when it has another etag, or is gone
   */
  compareAndSwap(key: string, bytes: Uint8Array, expectedEtag: string | null): Promise<string>;
  /** Every key that begins with `prefix`, sorted; `prefix` is empty or ends with a slash. */
  list(prefix: string): Promise<string[]>;
}

export type StoreOperation = 'get' | 'put' | 'list';
export type StoreResult = 'ok' | 'unchanged' | 'not_found' | 'conflict' | 'error';
/** Told of every finished operation, for metrics. */
export type StoreObserver = (operation: StoreOperation, result: StoreResult) => void;

/** Runs one operation and tells the observer how it ended. */
export async function observed<T>(
  observer: StoreObserver | undefined,
  operation: StoreOperation,
  run: () => Promise<T>,
): Promise<T> {
  let result: StoreResult = 'error';
  try {
    const value = await run();
    result = value === 'unchanged' ? 'unchanged' : 'ok';
    return value;
  } catch (error) {
    if (error instanceof AppError && (error.code === 'not_found' || error.code === 'conflict'))
      result = error.code;
    throw error;
  } finally {
    observer?.(operation, result);
  }
}
