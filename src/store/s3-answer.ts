import { Buffer } from 'node:buffer';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError } from '../errors.ts';
import type { S3Action } from './s3-error.ts';
import type { StoredObject } from './store.ts';

/** @throws AppError `unavailable` when what answered is no S3 */
export function tagOf(output: { ETag?: string | undefined }, action: S3Action): string {
  if (output.ETag) return output.ETag;
  const reason = 'the answer has no ETag, so it was not S3 that answered; check the endpoint';
  throw new AppError('unavailable', `Could not ${action.what}: ${reason}`);
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
    const tag = tagOf(output, action);
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
    return { bytes: Buffer.concat(chunks, length), tag };
  } finally {
    body.destroy();
  }
}

function tooLarge(action: S3Action, maxBytes: number): AppError {
  return new AppError('too_large', `Could not ${action.what}: it is larger than ${maxBytes} bytes`);
}
