import { Buffer } from 'node:buffer';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '../../errors.ts';
import type { StoredObject } from '../store.ts';
import type { S3Action } from './s3-error.ts';
import { CHECK_ENDPOINT, NOT_S3 } from './s3-refusal.ts';

/** The etag of an object, which S3 always sends. @throws AppError `unavailable` */
export function etagOf(output: { ETag?: string | undefined }, action: S3Action): string {
  return sentByS3(output.ETag, action);
}

/**
 * A member that no response of S3 lacks: a login page or another server can also say 200.
 * @throws AppError `unavailable` when it is missing
 */
export function sentByS3<T>(value: T | undefined, { what }: S3Action): T {
  if (value !== undefined) return value;
  throw new AppError('unavailable', `Cannot ${what}: ${NOT_S3}; ${CHECK_ENDPOINT}.`);
}

/**
 * The body of an object, counted as it comes in.
 * @throws AppError `too_large`, as soon as it is; whatever broke the stream
 */
export async function readBody(
  output: GetObjectCommandOutput,
  action: S3Action,
  maxBytes: number,
): Promise<StoredObject> {
  const body = output.Body as unknown as AsyncIterable<Uint8Array> & { destroy(): void };
  try {
    const etag = etagOf(output, action);
    const chunks: Uint8Array[] = [];
    let length = 0;
    const announced = output.ContentLength ?? 0;
    if (announced > maxBytes) throw tooLarge(action, maxBytes);
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(action, maxBytes);
      chunks.push(chunk);
    }
    // Not every runtime reports a connection that closed before the end.
    if (length < announced) throw new Error('the body ended before its announced length');
    return { bytes: Buffer.concat(chunks, length), etag };
  } finally {
    body.destroy();
  }
}

function tooLarge(action: S3Action, maxBytes: number): AppError {
  return new AppError('too_large', `Cannot ${action.what}: it is larger than ${maxBytes} bytes.`);
}
