import { type CsvChunk, RecordSplitter } from './record-splitter.ts';

/**
 * Cuts a CSV into chunks as it comes; the first is the header.
 *
 * @throws AppError `invalid` when the bytes are not UTF-8
 */
export async function* readChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<CsvChunk, void, void> {
  const splitter = new RecordSplitter();
  for await (const bytes of source) yield* splitter.push(bytes);
  yield* splitter.end();
}
