import { pipeline } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { AppError } from '../errors.ts';

/** So large a piece takes few calls, and little memory. */
const PIECE = { chunkSize: 65_536 };

/**
 * A gzip file's bytes as they were before, piece by piece and hardly ahead of whoever reads them: whatever they inflate
 * to, memory stays the same. Files that were put behind each other are one.
 *
 * @param name the file's, for messages
 * @throws AppError `corrupt` when it is no gzip from its first byte to its last; whatever the source throws
 */
export async function* gunzipped(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, void> {
  const unzip = createGunzip(PIECE);
  let taken = 0;
  const counted = async function* () {
    for await (const piece of source) {
      taken += piece.length;
      yield piece;
    }
  };
  // Whatever fails, the source or zlib, fails the stream that is read here.
  pipeline(counted, unzip, () => {});
  try {
    yield* unzip as AsyncIterable<Uint8Array>;
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'Z_BUF_ERROR')
      throw notWhole(name, taken === 0 ? 'it is empty' : 'its end is missing', cause);
    throw code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT' ? notWhole(name, NO_GZIP, cause) : cause;
  }

  // zlib finds no fault with bytes behind the end.
  if (unzip.bytesWritten !== taken) throw notWhole(name, NO_GZIP);
}

const NO_GZIP = 'it is not gzip from its first byte to its last, as its name says';

const notWhole = (name: string, why: string, cause?: unknown) =>
  new AppError('corrupt', `Cannot read ${name}: ${why}. Copy or compress it again.`, { cause });

/**
 * Bytes as a gzip file, piece by piece. It holds no name and no time, so that the same bytes give the same file.
 *
 * @throws whatever the source throws
 */
export async function* gzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const zip = createGzip(PIECE);
  pipeline(source, zip, () => {});
  yield* zip as AsyncIterable<Uint8Array>;
}
