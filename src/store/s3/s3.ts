import { randomUUID } from 'node:crypto';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { Deadline } from '../../deadline.ts';
import { AppError } from '../../errors.ts';
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
import { retry } from './retry.ts';
import { isTransient, type S3Action, s3Error, statusOf } from './s3-error.ts';
import { etagOf, readBody, sentByS3 } from './s3-response.ts';

export interface S3StoreOptions {
  bucket: string;
  /** Stands before every key, with or without a slash at its end; empty for the whole bucket. */
  prefix?: string | undefined;
  /** The SDK's own choice (AWS_REGION, the profile) when left out. */
  region?: string | undefined;
  /** Another S3 than AWS's, as AWS_ENDPOINT_URL_S3 gives it; its buckets are addressed by path. */
  endpoint?: string | undefined;
  /** The SDK's default chain when left out. */
  credentials?: S3ClientConfig['credentials'];
  onRequest?: StoreObserver | undefined;
  limits?: Partial<S3Limits> | undefined;
}

/** Bounds of one operation. */
export interface S3Limits {
  connectMs: number;
  /** From sending a request to the head of its response. */
  responseMs: number;
  /** Without a byte in either direction. */
  idleMs: number;
  /** A whole `putIfAbsent`, `compareAndSwap` or `list`, retries included. */
  operationMs: number;
  /** Tries of one request. */
  attempts: number;
}

const DEFAULT_LIMITS: S3Limits = {
  connectMs: 3_000,
  responseMs: 10_000,
  idleMs: 10_000,
  operationMs: 120_000,
  attempts: 4,
};

/** The most S3 gives at once. */
const PAGE_KEYS = 1000;

/** Metadata that tells a write of ours from another with the same bytes. */
const WRITE_ID = 'write-id';

type Sdk = typeof import('@aws-sdk/client-s3');

interface Connection {
  sdk: Sdk;
  client: S3Client;
  abortSignal: AbortSignal;
  /** Sends a request and reads its response, again when that fails in passing. */
  attempt<T>(send: () => Promise<T>): Promise<T>;
}

/**
 * A store in an S3 bucket, under a prefix. An etag is the object's ETag.
 *
 * One abort signal bounds an operation with all its tries. The SDK's own retry is off: it does not cover a body that
 * breaks off, and it would hide that a write was sent twice.
 */
export class S3Store implements Store {
  readonly name: string;
  readonly #options: S3StoreOptions;
  readonly #limits: S3Limits;
  readonly #prefix: string;
  #connected: Promise<{ sdk: Sdk; client: S3Client }> | undefined;

  constructor(options: S3StoreOptions) {
    const prefix = (options.prefix ?? '').replace(/\/+$/, '');
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#prefix = prefix && `${checkKey(prefix)}/`;
    this.name = `s3://${options.bucket}${prefix && `/${prefix}`}`;
  }

  get(key: string, options: ReadOptions & { ifNoneMatch?: undefined }): Promise<StoredObject>;
  get(key: string, options: GetOptions): Promise<StoredObject | 'unchanged'>;
  async get(key: string, options: GetOptions): Promise<StoredObject | 'unchanged'> {
    const action = this.#action(`read ${this.name}/${checkKey(key)}`, 's3:GetObject');
    const input = { ...this.#address(key), IfNoneMatch: options.ifNoneMatch };
    return await this.#operation('get', action, options, ({ sdk, client, abortSignal, attempt }) =>
      attempt(async () => {
        try {
          const output = await client.send(new sdk.GetObjectCommand(input), { abortSignal });
          return await readBody(output, action, options.maxBytes);
        } catch (error) {
          if (statusOf(error) === 304 && options.ifNoneMatch !== undefined) return 'unchanged';
          throw error;
        }
      }),
    );
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<void> {
    await this.compareAndSwap(key, bytes, null);
  }

  async compareAndSwap(key: string, bytes: Uint8Array, expectedEtag: string | null): Promise<string> {
    const verb = expectedEtag === null ? 'create' : 'change';
    const action = this.#action(`${verb} ${this.name}/${checkKey(key)}`, 's3:PutObject');
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
    const requestTimeout = this.#limits.operationMs;
    let tries = 0;
    return await this.#operation('put', action, this.#deadline, (connection) =>
      connection.attempt(async () => {
        tries++;
        const { sdk, client, abortSignal } = connection;
        try {
          const output = await client.send(new sdk.PutObjectCommand(input), { abortSignal, requestTimeout });
          return etagOf(output, action);
        } catch (error) {
          if (!isRefused(error, expectedEtag)) throw error;
          // An earlier try may have been written and only its response lost: then what is there is our own.
          const own = tries > 1 ? await this.#etagWhenWritten(key, writeId, action, connection) : undefined;
          if (own !== undefined) return own;
          const reason =
            expectedEtag === null ? 'it is already there' : 'it has been changed since; read it again';
          throw new AppError('conflict', `Cannot ${action.what}: ${reason}.`, { cause: error });
        }
      }),
    );
  }

  async list(prefix: string): Promise<string[]> {
    const action = this.#action(`list ${this.name}/${checkPrefix(prefix)}`, 's3:ListBucket');
    const input = { Bucket: this.#options.bucket, Prefix: `${this.#prefix}${prefix}`, MaxKeys: PAGE_KEYS };
    return await this.#operation('list', action, this.#deadline, async (connection) => {
      const { sdk, client, abortSignal, attempt } = connection;
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const command = new sdk.ListObjectsV2Command({ ...input, ContinuationToken: token });
        const page = await attempt(() => client.send(command, { abortSignal }));
        sentByS3(page.IsTruncated, action);
        for (const object of page.Contents ?? []) {
          const key = object.Key?.slice(this.#prefix.length) ?? '';
          // What others keep here, such as a console's `folder/` objects, is none of ours.
          if (isKey(key)) keys.push(key);
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return keys.sort();
    });
  }

  /** Runs one operation within its deadline; whatever it throws comes out as an AppError. */
  #operation<T>(
    operation: 'get' | 'put' | 'list',
    action: S3Action,
    deadline: Deadline,
    run: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    return observed(this.#options.onRequest, operation, async () => {
      const { sdk, client } = await this.#connect();
      try {
        // The SDK heeds no signal while it looks for credentials: the deadline holds there too.
        return await withinDeadline(action.what, deadline, (abortSignal) => {
          const retried = { attempts: this.#limits.attempts, signal: abortSignal, isTransient };
          return run({ sdk, client, abortSignal, attempt: (send) => retry(send, retried) });
        });
      } catch (error) {
        throw s3Error(action, error);
      }
    });
  }

  /** The SDK is loaded at the first request: who serves from a directory never waits for it. */
  #connect(): Promise<{ sdk: Sdk; client: S3Client }> {
    this.#connected ??= import('@aws-sdk/client-s3').then((sdk) => ({
      sdk,
      client: new sdk.S3Client(this.#clientConfig()),
    }));
    return this.#connected;
  }

  #clientConfig(): S3ClientConfig {
    const { region, endpoint, credentials } = this.#options;
    const { connectMs, responseMs, idleMs } = this.#limits;
    return {
      ...(region && { region }),
      ...(endpoint && { endpoint, forcePathStyle: true }),
      ...(credentials && { credentials }),
      maxAttempts: 1,
      // Every file is held against its own sha256 afterwards.
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: connectMs,
        requestTimeout: responseMs,
        throwOnRequestTimeout: true,
        socketTimeout: idleMs,
      },
    };
  }

  /** The etag of the object when it is the one that the write with this id made. */
  async #etagWhenWritten(
    key: string,
    writeId: string,
    action: S3Action,
    { sdk, client, abortSignal }: Connection,
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

  get #deadline(): Deadline {
    return { timeoutMs: this.#limits.operationMs };
  }

  #address(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#options.bucket, Key: `${this.#prefix}${key}` };
  }

  #action(what: string, permission: string): S3Action {
    return { what, bucket: this.#options.bucket, permission };
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
