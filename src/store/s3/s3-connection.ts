import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import type { Deadline } from '../../deadline.ts';
import { withinDeadline } from '../deadline.ts';
import { retry } from './retry.ts';
import { isTransient, type S3Action, s3Error } from './s3-error.ts';
import { sentByS3 } from './s3-response.ts';

export interface S3ConnectionOptions {
  bucket: string;
  /** The SDK's own choice (AWS_REGION, the profile) when left out. */
  region?: string | undefined;
  /** Another S3 than AWS's, as AWS_ENDPOINT_URL_S3 gives it; its buckets are addressed by path. */
  endpoint?: string | undefined;
  /** The SDK's default chain when left out. */
  credentials?: S3ClientConfig['credentials'];
  limits?: Partial<S3Limits> | undefined;
}

/** Bounds of one operation. */
export interface S3Limits {
  connectMs: number;
  /** From sending a request to the head of its response. */
  responseMs: number;
  /** Without a byte in either direction. */
  idleMs: number;
  /** An operation for which the caller names no deadline, retries included. */
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

/** The most keys that S3 gives at once. */
const PAGE_KEYS = 1000;

type Sdk = typeof import('@aws-sdk/client-s3');

/** What an operation is done with. */
export interface S3Session {
  sdk: Sdk;
  client: S3Client;
  abortSignal: AbortSignal;
  /** Sends a request and reads its response, again when that fails in passing. */
  attempt<T>(send: () => Promise<T>): Promise<T>;
}

/** An object as a listing has it. */
export interface ListedObject {
  key: string;
  size: number;
  etag: string;
}

/**
 * What all requests to a bucket share: one client, bounds, tries, and errors that say what to do.
 *
 * One abort signal bounds an operation with all its tries. The SDK's own retry is off: it does not cover a body that
 * breaks off, and it would hide that a write was sent twice.
 */
export class S3Connection {
  readonly bucket: string;
  readonly limits: S3Limits;
  readonly #options: S3ConnectionOptions;
  #connected: Promise<{ sdk: Sdk; client: S3Client }> | undefined;

  constructor(options: S3ConnectionOptions) {
    this.bucket = options.bucket;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#options = options;
  }

  /** Runs one operation within its deadline. @throws AppError, whatever goes wrong */
  async operation<T>(
    action: S3Action,
    run: (session: S3Session) => Promise<T>,
    deadline: Deadline = { timeoutMs: this.limits.operationMs },
  ): Promise<T> {
    const { sdk, client } = await this.#connect();
    try {
      // The SDK heeds no signal while it looks for credentials: the deadline holds there too.
      return await withinDeadline(action.what, deadline, (abortSignal) => {
        const retried = { attempts: this.limits.attempts, signal: abortSignal, isTransient };
        return run({ sdk, client, abortSignal, attempt: (send) => retry(send, retried) });
      });
    } catch (error) {
      throw s3Error(action, error);
    }
  }

  /** Every object whose key begins with the prefix, page by page, in S3's order. */
  async list(prefix: string, name: string): Promise<ListedObject[]> {
    const action = this.action(`list ${name}`, 's3:ListBucket');
    return await this.operation(action, async ({ sdk, client, abortSignal, attempt }) => {
      const objects: ListedObject[] = [];
      let token: string | undefined;
      do {
        const input = { Bucket: this.bucket, Prefix: prefix, MaxKeys: PAGE_KEYS, ContinuationToken: token };
        const page = await attempt(() => client.send(new sdk.ListObjectsV2Command(input), { abortSignal }));
        sentByS3(page.IsTruncated, action);
        for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? [])
          objects.push({ key: Key, size: Size, etag: ETag });
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return objects;
    });
  }

  /** @param permission such as `s3:GetObject`, for the message when it is refused */
  action(what: string, permission: string): S3Action {
    return { what, bucket: this.bucket, permission };
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
    const { connectMs, responseMs, idleMs } = this.limits;
    return {
      ...(region && { region }),
      ...(endpoint && { endpoint, forcePathStyle: true }),
      ...(credentials && { credentials }),
      maxAttempts: 1,
      // A model's files are held against their own sha256 afterwards, and what is scored against its ETag and length.
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: connectMs,
        requestTimeout: responseMs,
        throwOnRequestTimeout: true,
        socketTimeout: idleMs,
      },
    };
  }
}
