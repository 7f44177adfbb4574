import { AppError } from '../../errors.ts';
import { byPath, type DataFile, isPassedOver } from '../data-file.ts';
import type { Location } from '../location.ts';
import { S3Store } from './s3.ts';
import { S3Connection, type S3ConnectionOptions } from './s3-connection.ts';
import { statusOf } from './s3-error.ts';
import { readBody } from './s3-response.ts';
import { putStreamed } from './s3-upload.ts';

/** A prefix that ends so, and not with a slash, is a file: S3 itself has no folders that could be told from files. */
const FILE = /\.(csv|csv\.gz|parquet)$/i;

/** A prefix of a bucket, or one object, as a place for rows. */
export class S3Location implements Location {
  readonly name: string;
  readonly store: S3Store;
  readonly #connection: S3Connection;
  /** What stands before every path; empty, or it ends with a slash. */
  readonly #folder: string;
  /** The one file that the location is, if it is one. */
  readonly #only: string | undefined;

  constructor({ prefix, ...options }: S3ConnectionOptions & { prefix: string }) {
    this.name = `s3://${options.bucket}/${prefix}`;
    const isFile = FILE.test(prefix);
    const folderEnd = prefix.lastIndexOf('/') + 1;
    this.#folder = isFile ? prefix.slice(0, folderEnd) : prefix.replace(/\/?$/, '/').replace(/^\/$/, '');
    this.#only = isFile ? prefix.slice(folderEnd) : undefined;
    this.#connection = new S3Connection(options);
    this.store = new S3Store({ ...options, prefix: this.#folder });
  }

  async list(): Promise<DataFile[]> {
    const objects = await this.#connection.list(`${this.#folder}${this.#only ?? ''}`, this.name);
    return objects
      .map(({ key, size, etag }) => ({ path: key.slice(this.#folder.length), size, etag }))
      .filter(({ path }) => !path.endsWith('/') && !isPassedOver(path))
      .filter(({ path }) => this.#only === undefined || path === this.#only)
      .sort(byPath);
  }

  async readRange(file: DataFile, start: number, end: number): Promise<Uint8Array> {
    if (end <= start) return new Uint8Array();
    const key = `${this.#folder}${file.path}`;
    const action = this.#connection.action(`read s3://${this.#connection.bucket}/${key}`, 's3:GetObject');
    const input = {
      Bucket: this.#connection.bucket,
      Key: key,
      Range: `bytes=${start}-${end - 1}`,
      IfMatch: file.etag,
    };
    return await this.#connection.operation(action, ({ sdk, client, abortSignal, attempt }) =>
      attempt(async () => {
        try {
          const output = await client.send(new sdk.GetObjectCommand(input), { abortSignal });
          const { bytes } = await readBody(output, action, end - start);
          if (bytes.length !== end - start) throw new Error('the body is not the range that was asked for');
          return bytes;
        } catch (error) {
          if (statusOf(error) === 412)
            throw new AppError(
              'conflict',
              `Cannot ${action.what}: it has been changed since it was listed.`,
              {
                cause: error,
              },
            );
          throw error;
        }
      }),
    );
  }

  async put(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    await putStreamed(this.#connection, `${this.#folder}${path}`, pieces);
  }
}
