import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { unsnap } from './snappy.ts';

/** By codec: so many compressed bytes to exactly `length` others, or an error. None makes more than it is asked for. */
type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;

const CODECS: Partial<Record<CompressionCodec, Decompress>> = {
  UNCOMPRESSED: (bytes) => bytes,
  SNAPPY: unsnap,
  GZIP: (bytes, length) => gunzipSync(bytes, bound(length)),
  BROTLI: (bytes, length) => brotliDecompressSync(bytes, bound(length)),
  ZSTD: (bytes, length) => zstdDecompressSync(bytes, bound(length)),
};

/** zlib takes no bound of 0. */
const bound = (length: number) => ({ maxOutputLength: Math.max(1, length) });

export const canDecompress = (codec: CompressionCodec) => CODECS[codec] !== undefined;

/** The codecs' names, for a message. */
export const CODEC_NAMES = 'snappy, gzip, zstd or brotli';

/** @throws when the bytes are not what they should be, or their length is another */
export function decompress(codec: CompressionCodec, bytes: Uint8Array, length: number): Uint8Array {
  const codecOf = CODECS[codec];
  if (codecOf === undefined) throw new Error(`unknown codec ${codec}`);
  // An empty page may be written as no bytes at all.
  if (length === 0) return new Uint8Array();
  const page = codecOf(bytes, length);
  if (page.length !== length) throw new Error('a page has another length than it says');
  return page;
}
