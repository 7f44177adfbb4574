import { randomUUID } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { checkKey, checkPrefix, isBucketPrefix, isKey } from '../key.ts';
import {
  type GetOptions,
  observed,
  type ReadOptions,
  type Store,
  type StoredObject,
  type StoreObserver,
} from '../store.ts';
import { S3Connection, type S3ConnectionOptions, type S3Session } from './s3-connection.ts';
import { type S3Action, s3Error, statusOf } from './s3-error.ts';
import { etagOf, readBody } from './s3-response.ts';

export interface S3StoreOptions extends S3ConnectionOptions {
  /** Stands before every key, with or without a slash at its end; empty for the whole bucket. */
  prefix?: string | undefined;
  onRequest?: StoreObserver | undefined;
}

/** Metadata that tells a write of ours from another with the same bytes. */
const WRITE_ID = 'write-id';

/** A store in an S3 bucket, under a prefix. An etag is the object's ETag. */
export class S3Store implements Store {
  readonly name: string;
  readonly #connection: S3Connection;
  readonly #onRequest: StoreObserver | undefined;
  readonly #prefix: string;

  constructor(options: S3StoreOptions) {
    const prefix = (options.prefix ?? '').replace(/\/+$/, '');
    this.#connection = new S3Connection(options);
    this.#onRequest = options.onRequest;
    if (!isBucketPrefix(prefix))
      throw new AppError('invalid', 'Cannot use a prefix of a bucket: no part of it may be empty, . or ..');
    this.#prefix = prefix && `${prefix}/`;
    this.name = `s3://${options.bucket}${prefix && `/${prefix}`}`;
  }

  get(key: string, options: ReadOptions & { ifNoneMatch?: undefined }): Promise<StoredObject>;
  get(key: string, options: GetOptions): Promise<StoredObject | 'unchanged'>;
  async get(key: string, options: GetOptions): Promise<StoredObject | 'unchanged'> {
    const action = this.#connection.action(`read ${this.name}/${checkKey(key)}`, 's3:GetObject');
    const input = { ...this.#address(key), IfNoneMatch: options.ifNoneMatch };
    const run = ({ sdk, client, abortSignal, attempt }: S3Session) =>
      attempt(async () => {
        try {
          const output = await client.send(new sdk.GetObjectCommand(input), { abortSignal });
          return await readBody(output, action, options.maxBytes);
        } catch (error) {
          if (statusOf(error) === 304 && options.ifNoneMatch !== undefined) return 'unchanged';
          throw error;
        }
      });
    return await observed(this.#onRequest, 'get', () => this.#connection.operation(action, run, options));
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<void> {
    await this.compareAndSwap(key, bytes, null);
  }

  async compareAndSwap(key: string, bytes: Uint8Array, expectedEtag: string | null): Promise<string> {
    const verb = expectedEtag === null ? 'create' : 'change';
    const action = this.#connection.action(`${verb} ${this.name}/${checkKey(key)}`, 's3:PutObject');
    const condition = expectedEtag === null ? { IfNoneMatch: '*' } : { IfMatch: unquoted(expectedEtag) };
    const writeId = randomUUID();
    const input = {
      ...this.#address(key),
      ...condition,
      Body: bytes,
      ContentLength: bytes.length,
      Metadata: { [WRITE_ID]: writeId },
    };
    // The head of the response comes after the whole body went up, so the shorter bound on it would be one on the body.
    const requestTimeout = this.#connection.limits.operationMs;
    let tries = 0;
    const run = (session: S3Session) =>
      session.attempt(async () => {
        tries++;
        const { sdk, client, abortSignal } = session;
        try {
          const output = await client.send(new sdk.PutObjectCommand(input), { abortSignal, requestTimeout });
          return etagOf(output, action);
        } catch (error) {
          if (!isRefused(error, expectedEtag)) throw error;
          // An earlier try may have been written and only its response lost: then what is there is our own.
          const own = tries > 1 ? await this.#etagWhenWritten(key, writeId, action, session) : undefined;
          if (own !== undefined) return own;
          const reason =
            expectedEtag === null ? 'it is already there' : 'it has been changed since; read it again';
          throw new AppError('conflict', `Cannot ${action.what}: ${reason}.`, { cause: error });
        }
      });
    return await observed(this.#onRequest, 'put', () => this.#connection.operation(action, run));
  }

  async list(prefix: string): Promise<string[]> {
    const name = `${this.name}/${checkPrefix(prefix)}`;
    return await observed(this.#onRequest, 'list', async () => {
      const objects = await this.#connection.list(`${this.#prefix}${prefix}`, name);
      // What others keep here, such as a console's `folder/` objects, is none of ours.
      return objects
        .map(({ key }) => key.slice(this.#prefix.length))
        .filter(isKey)
        .sort();
    });
  }

  /** The etag of the object when it is the one that the write with this id made. */
  async #etagWhenWritten(
    key: string,
    writeId: string,
    action: S3Action,
    { sdk, client, abortSignal }: S3Session,
  ): Promise<string | undefined> {
    try {
      const found = await client.send(new sdk.HeadObjectCommand(this.#address(key)), { abortSignal });
      return found.Metadata?.[WRITE_ID] === writeId ? found.ETag : undefined;
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return undefined;
      // To look is another permission than to write; the response to a HEAD has no body that could say so.
      throw status === 403 ? s3Error({ ...action, permission: 's3:GetObject' }, error) : error;
    }
  }

  #address(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#connection.bucket, Key: `${this.#prefix}${key}` };
  }
}

/** A conditional write that found another state than it expected; S3 answers 404 when there was nothing to match. */
function isRefused(error: unknown, expectedEtag: string | null): boolean {
  const status = statusOf(error);
  if (status === 412 || status === 409) return true;
  return status === 404 && expectedEtag !== null && (error as Error).name !== 'NoSuchBucket';
}

/** S3 takes both forms of an ETag; Ceph, and services built on it, only match a write to the one without quotes. */
function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}
