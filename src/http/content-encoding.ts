import { pipeline } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Context } from 'hono';
import { AppError } from '../errors.ts';
import { EncodingError } from './errors.ts';

/** So large a piece takes few calls, and little memory beside what a body may take. */
const PIECE = { chunkSize: 65_536 };

/** How each coding is undone, given the body's first byte. */
const INFLATERS = {
  gzip: () => createGunzip(PIECE),
  // The zlib format belongs around it, and then the first byte ends with 8; some clients leave that out.
  deflate: (first: number) => ((first & 0x0f) === 8 ? createInflate(PIECE) : createInflateRaw(PIECE)),
};

type Coding = keyof typeof INFLATERS;

/**
 * A request's body as it was before it was compressed for the way. It is inflated as it is read and hardly ahead of
 * that: whoever counts what comes out, and stops, bounds a bomb. Whoever cancels it cancels the body.
 *
 * The stream fails with an AppError `invalid` when the body is not whole, or not what the header says.
 *
 * @throws EncodingError when the header names what cannot be undone here
 */
export function decodedBody(c: Context): ReadableStream<Uint8Array> | null {
  const { body } = c.req.raw;
  const coding = (c.req.header('content-encoding') ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity') return body;
  const known = coding === 'x-gzip' ? 'gzip' : coding;
  if (known !== 'gzip' && known !== 'deflate') throw new EncodingError(Object.keys(INFLATERS));
  return body && inflated(body, known);
}

function inflated(body: ReadableStream<Uint8Array>, coding: Coding): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const pieces = inflate(reader, coding);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      // Nobody waits for these: when the client has gone, a runtime may never say that they are done. The reader is
      // cancelled first, since the pieces may be waiting for it.
      cancel(reason) {
        void reader.cancel(reason).catch(() => {});
        void pieces.return().catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}

/** Uses zlib itself: on Deno, DecompressionStream inflates a whole piece at once, and takes half a body for whole. */
async function* inflate(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  coding: Coding,
): AsyncGenerator<Uint8Array, void, void> {
  let next = await reader.read();
  const inflater = INFLATERS[coding](next.value?.[0] ?? 0);
  let taken = 0;
  const compressed = async function* () {
    for (; !next.done; next = await reader.read()) {
      taken += next.value.length;
      yield next.value;
    }
  };
  // Whatever fails, the body or zlib, fails the inflater.
  pipeline(compressed, inflater, () => {});
  try {
    yield* inflater;
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'Z_BUF_ERROR') {
      throw new AppError('invalid', `Cannot read the body: it ends before its ${coding} does.`, { cause });
    }
    throw code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT' ? notThat(coding) : cause;
  }
  // zlib finds no fault with bytes behind the end.
  if (inflater.bytesWritten !== taken) throw notThat(coding);
}

function notThat(coding: Coding): AppError {
  const fault = `it is not ${coding} from its first byte to its last, as its Content-Encoding says`;
  return new AppError('invalid', `Cannot read the body: ${fault}.`);
}
