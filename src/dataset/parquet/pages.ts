import type { DecodedArray, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { CODEC_NAMES, canDecompress, decompress } from './codecs.ts';
import { readHybrid } from './hybrid.ts';
import { corrupt, decoding, tooLargeGroup, unsupported } from './parquet-error.ts';
import type { Chunk, ParquetColumn, RowGroup } from './parquet-file.ts';
import type { RandomAccess } from './random-access.ts';

/** What one column of one row group may take in memory, packed or unpacked. */
export const MAX_CHUNK_BYTES = 268_435_456;

/** Values of consecutive rows of one column, as they are stored. */
export interface Page {
  rows: number;
  /** By row 1 where there is a value and 0 where there is none; undefined where every row has one. */
  present: Uint8Array | undefined;
  /** One for each row that has one; where there is a dictionary, their places in it. */
  values: DecodedArray;
  dictionary: DecodedArray | undefined;
}

type Header = ReturnType<typeof parquetHeader>;

/** What decoding the pages of a column needs. */
interface Reading {
  file: string;
  chunk: Chunk;
  element: SchemaElement & { type: NonNullable<SchemaElement['type']> };
  dictionary: DecodedArray | undefined;
}

/**
 * A flat column of a row group, page by page. The column is held in memory as it is stored, and one page unpacked.
 *
 * Decoding is bounded by what the row group says: a page of more rows than are left, or of more bytes than a column may
 * have, is refused before anything is made for it.
 *
 * @param name the file's, for messages
 * @throws AppError `too_large` above MAX_CHUNK_BYTES; `invalid` for a codec that is unknown; `corrupt`
 */
export async function* readPages(
  name: string,
  source: RandomAccess,
  column: ParquetColumn,
  group: RowGroup,
): AsyncGenerator<Page, void, void> {
  const chunk = group.chunks[column.leaf];
  checkChunk(name, column, chunk);
  const bytes = await source.slice(chunk.start, chunk.end);
  const element = column.element as Reading['element'];
  yield* decodePages({ file: name, chunk, element, dictionary: undefined }, bytes, group.rows);
}

function* decodePages(reading: Reading, bytes: Uint8Array, rows: number): Generator<Page, void, void> {
  const { file } = reading;
  const reader = {
    view: new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length),
    offset: 0,
  };
  for (let done = 0; done < rows; ) {
    const page = decoding(file, `column ${reading.element.name}`, () => {
      const header = parquetHeader(reader);
      const packed = header.compressed_page_size;
      if (!(packed >= 0 && packed <= bytes.length - reader.offset)) throw new Error('a page ends too early');
      if (!(header.uncompressed_page_size >= 0 && header.uncompressed_page_size <= MAX_CHUNK_BYTES))
        throw new Error(`a page of more than ${MAX_CHUNK_BYTES} bytes`);
      const body = bytes.subarray(reader.offset, reader.offset + packed);
      reader.offset += packed;
      return decodePage(reading, header, body, rows - done);
    });
    if (page === undefined) continue;
    done += page.rows;
    yield page;
  }
}

/** @returns undefined for a page that holds no rows, such as a dictionary, which is kept for those that follow */
function decodePage(reading: Reading, header: Header, body: Uint8Array, rowsLeft: number): Page | undefined {
  const { element, chunk } = reading;
  const isOptional = element.repetition_type === 'OPTIONAL';
  const size = header.uncompressed_page_size;
  const { codec } = chunk.meta;
  if (header.type === 'DICTIONARY_PAGE') {
    const count = header.dictionary_page_header?.num_values ?? -1;
    // Each value takes a byte at least, but for one of no length.
    if (!(count >= 0 && count <= Math.max(size, 1)))
      throw new Error('a dictionary of more values than bytes');
    reading.dictionary = readPlain(
      readerOf(decompress(codec, body, size)),
      element.type,
      count,
      element.type_length,
    );
    return undefined;
  }
  if (header.type === 'INDEX_PAGE') return undefined;
  const v1 = header.data_page_header;
  const v2 = header.data_page_header_v2;
  const said = header.type === 'DATA_PAGE' ? v1 : header.type === 'DATA_PAGE_V2' ? v2 : undefined;
  if (said === undefined) throw new Error('a page of an unknown kind');
  const rows = said.num_values;
  if (!(rows >= 0 && rows <= rowsLeft)) throw new Error('a page of more rows than its row group has');
  let values: Uint8Array;
  let levels: Uint8Array | undefined;
  if (v2 !== undefined && said === v2) {
    const before = v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
    if (!(before >= 0 && before <= Math.min(body.length, size)))
      throw new Error('levels of more bytes than their page');
    if (isOptional) levels = body.subarray(v2.repetition_levels_byte_length, before);
    const rest = body.subarray(before);
    values = v2.is_compressed === false ? rest : decompress(codec, rest, size - before);
  } else {
    values = decompress(codec, body, size);
    if (isOptional) {
      if (v1?.definition_level_encoding !== 'RLE')
        throw new Error('levels in an encoding that is no longer used');
      const { run, after } = prefixed(values);
      levels = run;
      values = after;
    }
  }
  const present = levels && readHybrid(levels, 1, new Uint8Array(rows));
  let count = rows;
  if (present !== undefined) for (let i = 0; i < rows; i++) if (present[i] === 0) count--;
  const isEncoded = said.encoding === 'RLE_DICTIONARY' || said.encoding === 'PLAIN_DICTIONARY';
  if (isEncoded && count > 0 && reading.dictionary === undefined)
    throw new Error('its dictionary is missing');
  return {
    rows,
    present: count === rows ? undefined : present,
    values:
      count === 0
        ? []
        : isEncoded
          ? dictionaryPlaces(reading, values, count)
          : valuesOf(said.encoding, element, values, count),
    dictionary: isEncoded ? reading.dictionary : undefined,
  };
}

function dictionaryPlaces({ dictionary }: Reading, bytes: Uint8Array, count: number): Int32Array {
  const places = readHybrid(bytes.subarray(1), bytes[0], new Int32Array(count));
  const size = dictionary?.length ?? 0;
  for (let i = 0; i < count; i++)
    if (places[i] < 0 || places[i] >= size) throw new Error('a value that its dictionary does not have');
  return places;
}

function valuesOf(
  encoding: string,
  element: Reading['element'],
  bytes: Uint8Array,
  count: number,
): DecodedArray {
  const { type, type_length: length } = element;
  const reader = readerOf(bytes);
  switch (encoding) {
    case 'PLAIN':
      return readPlain(reader, type, count, length);
    case 'BYTE_STREAM_SPLIT':
      return byteStreamSplit(reader, count, type, length);
    case 'RLE':
      if (type !== 'BOOLEAN') break;
      return Array.from(readHybrid(prefixed(bytes).run, 1, new Uint8Array(count)), (bit) => bit === 1);
    case 'DELTA_BINARY_PACKED': {
      const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
      deltaBinaryUnpack(reader, count, values);
      return values;
    }
    case 'DELTA_LENGTH_BYTE_ARRAY': {
      const values = new Array<Uint8Array>(count);
      deltaLengthByteArray(reader, count, values);
      return values;
    }
    case 'DELTA_BYTE_ARRAY': {
      const values = new Array<Uint8Array>(count);
      deltaByteArray(reader, count, values);
      return values;
    }
  }
  throw new Error(`values of type ${type} in an encoding that is unknown`);
}

/** Numbers with their length in bytes before them, and what follows. */
function prefixed(bytes: Uint8Array): { run: Uint8Array; after: Uint8Array } {
  const length = readerOf(bytes).view.getUint32(0, true);
  if (length > bytes.length - 4) throw new Error('levels of more bytes than their page');
  return { run: bytes.subarray(4, 4 + length), after: bytes.subarray(4 + length) };
}

const readerOf = (bytes: Uint8Array) => ({
  view: new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

function checkChunk(file: string, { name }: ParquetColumn, { start, end, meta }: Chunk): void {
  if (!canDecompress(meta.codec))
    throw unsupported(
      file,
      `column ${name} is compressed with ${meta.codec ?? 'an unknown codec'}`,
      `Write it with ${CODEC_NAMES}.`,
    );
  const bytes = Math.max(end - start, Number(meta.total_uncompressed_size));
  if (!(bytes >= 0)) throw corrupt(file, `column ${name} has no size`);
  if (bytes > MAX_CHUNK_BYTES)
    throw tooLargeGroup(file, `column ${name} has more than ${MAX_CHUNK_BYTES} bytes in a row group`);
}
