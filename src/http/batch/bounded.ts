import type { Context } from 'hono';
import { withDeadline } from '../../deadline.ts';
import { AppError } from '../../errors.ts';
import { counted } from '../../model/counted.ts';
import { brokenOff } from '../body.ts';
import { decodedBody } from '../content-encoding.ts';

export interface Bounds {
  maxBytes: number;
  /** How long the client may send nothing. */
  idleMs: number;
  /** Fires when the client has gone: a runtime may leave a read waiting then. */
  signal: AbortSignal;
}

/** How long a client may neither send nor read, in milliseconds. The whole may take as long as it likes. */
export const BATCH_IDLE_MS = 30_000;

/** A batch's body within the bounds of all batches. @param body what `c` sends, or a part of it */
export function boundedBody(c: Context, body: ReadableStream<Uint8Array>, maxBytes: number) {
  return bounded(body, { maxBytes, idleMs: BATCH_IDLE_MS, signal: c.req.raw.signal });
}

/**
 * The whole body, no longer compressed. As with any batch it may take its time, as long as something comes: some send
 * over slow lines. So whoever reads it must count it as a batch.
 *
 * @throws EncodingError, or AppError `too_large`, `too_slow`, `left` or `invalid`
 */
export async function wholeBody(c: Context, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const body = decodedBody(c) ?? new Blob().stream();
  const chunks: Uint8Array[] = [];
  for await (const chunk of boundedBody(c, body, maxBytes)) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

export function csvTooLarge(maxBytes: number): AppError {
  return new AppError('too_large', `Cannot read the CSV: it is over ${maxBytes} bytes; split it.`);
}

/**
 * A request's body as it comes, within its bounds. Whoever stops reading cancels the rest of it.
 *
 * @throws AppError `too_large`, `too_slow` when the client falls silent, or `left`
 */
export async function* bounded(
  body: ReadableStream<Uint8Array>,
  { maxBytes, idleMs, signal }: Bounds,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = body.getReader();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), idleMs, signal);
      if (done) return;
      bytes += value.length;
      if (bytes > maxBytes) throw csvTooLarge(maxBytes);
      yield value;
    }
  } finally {
    // Nobody waits for it: when the client has gone, a runtime may never say that it is done.
    void reader.cancel().catch(() => {});
  }
}

async function within<T>(reading: Promise<T>, idleMs: number, signal: AbortSignal): Promise<T> {
  try {
    return await withDeadline(reading, { timeoutMs: idleMs, signal }, (reason) => {
      if (reason === 'aborted') return new Error('The client has gone.');
      const silence = counted(Math.ceil(idleMs / 1000), 'second');
      return new AppError('too_slow', `Cannot read the CSV: nothing came for ${silence}.`);
    });
  } catch (error) {
    throw brokenOff(error);
  }
}
