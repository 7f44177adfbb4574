import type { Context } from 'hono';
import { withDeadline } from '../deadline.ts';
import { AppError } from '../errors.ts';
import { decodedBody } from './content-encoding.ts';
import { MediaTypeError } from './errors.ts';
import { SEND_LESS } from './schemas.ts';

/**
 * The body's text, if it is of the wanted kind and within the bound. The bound is held on what arrives, whatever
 * the length header says, and on what that is when it is no longer compressed.
 *
 * @param options.untyped whether a body that does not say what it is counts as of that kind
 * @throws MediaTypeError, EncodingError, or AppError `too_large`, `too_slow`, `left` or `invalid`
 */
export async function readText(
  c: Context,
  mediaType: string,
  maxBytes: number,
  { untyped = false } = {},
): Promise<string> {
  const given = c.req.header('content-type');
  const fits = given === undefined ? untyped : given === mediaType || mediaTypeOf(c) === mediaType;
  if (!fits) throw new MediaTypeError(mediaType);
  const encoded = c.req.header('content-encoding') !== undefined;
  const declared = declaredLength(c, maxBytes);
  // Where the length is known, and the bytes are the text, the runtime decodes faster than we do.
  const text =
    encoded || declared === undefined
      ? new TextDecoder().decode(await withinDeadline(readStream(decodedBody(c), maxBytes)))
      : await withinDeadline(c.req.raw.text());
  if (text.length > maxBytes) throw tooLarge(maxBytes);
  // The decoder puts this where bytes were wrong. No input may hold it, so to refuse it loses nothing.
  if (text.includes('\uFFFD')) throw new AppError('invalid', 'Cannot read the body: it is not UTF-8.');
  return text;
}

/** The body's media type, without its parameters. */
export function mediaTypeOf(c: Context): string | undefined {
  return c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
}

const tooLarge = (maxBytes: number) =>
  new AppError('too_large', `Cannot read the body: it is over ${maxBytes} bytes; ${SEND_LESS}.`);

/** The length that the client declares; a runtime reads no more. @throws AppError `too_large` beyond the bound */
function declaredLength(c: Context, maxBytes: number): number | undefined {
  const header = c.req.header('content-length');
  if (header === undefined) return undefined;
  const declared = Number(header);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  return declared;
}

/** Without it, a client that sends a byte now and then would hold a request open for ever. */
const BODY_DEADLINE_MS = 30_000;

const LATE = `Cannot read the body: it did not come within ${BODY_DEADLINE_MS / 1000} seconds.`;

async function withinDeadline<T>(reading: Promise<T>): Promise<T> {
  try {
    return await withDeadline(reading, { timeoutMs: BODY_DEADLINE_MS }, () => new AppError('too_slow', LATE));
  } catch (error) {
    throw brokenOff(error);
  }
}

/**
 * Turns what a runtime throws while it reads a body into an error of ours: the client went away, or sent what is no
 * HTTP. A TypeError stays as it is: then we asked for what cannot be read.
 */
export function brokenOff(cause: unknown): unknown {
  if (cause instanceof AppError || cause instanceof TypeError) return cause;
  return new AppError('left', 'Cannot read the body: it broke off before its end.', { cause });
}

async function readStream(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
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
