import type { Context } from 'hono';
import { AppError } from '../errors.ts';
import { BodyTimeoutError, MediaTypeError } from './errors.ts';

/**
 * The body's text, if it is of the wanted kind and within the bound. The bound is held on what arrives, whatever
 * the length header says.
 *
 * @param options.untyped whether a body that does not say what it is counts as of that kind
 * @throws MediaTypeError, or AppError `too_large` or `invalid`
 */
export async function readText(
  c: Context,
  mediaType: string,
  maxBytes: number,
  { untyped = false } = {},
): Promise<string> {
  const given = mediaTypeOf(c);
  if (
    !(given === mediaType || (untyped && given === undefined)) ||
    c.req.header('content-encoding') !== undefined
  )
    throw new MediaTypeError(mediaType);
  const bytes = await readBytes(c, maxBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('invalid', 'Cannot read the body: it is not UTF-8.', { cause });
  }
}

/** What the body says it is, without its parameters. */
export function mediaTypeOf(c: Context): string | undefined {
  return c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
}

/** The whole body; AppError `too_large` beyond the bound. */
export async function readBytes(c: Context, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => new AppError('too_large', `Cannot read the body: it is over ${maxBytes} bytes.`);
  const declared = Number(c.req.header('content-length') ?? Number.NaN);
  if (declared > maxBytes) throw tooLarge();
  const bytes = await withinDeadline(
    Number.isNaN(declared)
      ? readStream(c.req.raw.body, maxBytes, tooLarge)
      : c.req.raw.arrayBuffer().then((buffer) => new Uint8Array(buffer)),
  );
  // Undeclared lengths are bounded while they stream; declared ones are held by the runtime, and checked here.
  if (bytes.length > maxBytes) throw tooLarge();
  return bytes;
}

/** Whoever sends a byte now and then would otherwise hold a request open for ever. */
const BODY_DEADLINE_MS = 30_000;

function withinDeadline<T>(reading: Promise<T>, ms = BODY_DEADLINE_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new BodyTimeoutError(ms / 1000)), ms);
    reading.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function readStream(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  tooLarge: () => AppError,
): Promise<Uint8Array<ArrayBuffer>> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
