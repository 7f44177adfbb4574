import { AppError } from '../errors.ts';
import type { DataFile } from './data-file.ts';
import { DirectoryLocation } from './directory/directory-location.ts';
import { isBucketPrefix } from './key.ts';
import { S3Location } from './s3/s3-location.ts';
import type { S3ConnectionOptions } from './s3/s3-connection.ts';
import type { Store } from './store.ts';

export type { DataFile };

/** A place that rows are read from and written to: a directory, or a prefix of a bucket. */
export interface Location {
  /** For messages; it never holds a credential. */
  readonly name: string;
  /** The same place for small objects, such as the record of a run. */
  readonly store: Store;
  /**
   * Every file below it, sorted by path; names that begin with a dot or an underscore are passed over, with all
   * that lies in such a folder.
   * @throws AppError `not_found` when there is no such directory or bucket, `unavailable`
   */
  list(): Promise<DataFile[]>;
  /**
   * Bytes [start, end) of a file, which must still be the one that was listed. They are held in memory: `bytesOf`
   * reads a long range in pieces.
   * @throws AppError `conflict` when it has changed since, `not_found`, `unavailable`
   */
  readRange(file: DataFile, start: number, end: number): Promise<Uint8Array>;
  /**
   * Writes a file as it comes, in bounded memory. It appears whole, in the place of an older one, or not at all; when
   * `pieces` throws, that is passed on.
   * @throws AppError `unavailable`
   */
  put(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

/** What one read of a long range asks for: large enough that a request costs little beside its bytes. */
const READ_BYTES = 4 << 20;

/** A file's bytes [start, end), piece by piece; the next piece is fetched while one is worked on. */
export async function* bytesOf(
  location: Location,
  file: DataFile,
  start = 0,
  end = file.size,
): AsyncGenerator<Uint8Array, void, void> {
  const read = (from: number) => {
    if (from >= end) return undefined;
    const piece = location.readRange(file, from, Math.min(from + READ_BYTES, end));
    // Its failure is thrown when its turn comes, and by then nobody may be left to hear it.
    piece.catch(() => {});
    return piece;
  };
  let at = start;
  for (let next = read(at); next !== undefined; ) {
    const piece = await next;
    at += piece.length;
    next = read(at);
    yield piece;
  }
}

export type S3Settings = Pick<S3ConnectionOptions, 'region' | 'endpoint' | 'credentials' | 'limits'>;

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * The place that `s3://bucket/prefix/` or a directory's path names; nothing is read or connected yet. It may also be
 * one file, which is then all that `list` finds.
 *
 * @throws AppError `invalid` when it begins with `s3://` and is no such address
 */
export function openLocation(text: string, settings: S3Settings = {}): Location {
  const address = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(text);
  if (address === null) return new DirectoryLocation(text);
  const [, bucket = '', prefix = ''] = address;
  if (!BUCKET.test(bucket) || !isBucketPrefix(prefix))
    throw new AppError(
      'invalid',
      'Cannot use a location in S3: it must be s3://BUCKET/PREFIX/, with the name of a bucket and a prefix ' +
        'without empty parts, . or ..',
    );
  return new S3Location({ ...settings, bucket, prefix });
}
