import type { ColumnChunk, ConvertedType, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { AppError } from '../../errors.ts';
import { AMOUNTS } from '../../model/model.ts';
import { PREDICTION_COLUMNS } from '../bytes/chunk-scorer.ts';
import { decoding } from './parquet-error.ts';
import type { Chunk, ParquetFile, RowGroup } from './parquet-file.ts';
import type { ScoredGroup } from './score-group.ts';

/** How much of a column is in memory while it is copied. */
const COPY_BYTES = 4_194_304;

/** The root that the library wants, and the columns that are added: float64, null where a row was bad. */
const ADDED: SchemaElement[] = [
  { name: 'schema', num_children: PREDICTION_COLUMNS.length },
  ...PREDICTION_COLUMNS.map((name): SchemaElement => ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' })),
];

/**
 * Writes row groups with their predictions behind them, as one Parquet file. The row groups' own columns are copied as
 * they lie, so that every type, encoding and nested value stays what it was, and nothing of them is decoded; a row that
 * could not be predicted stays in its place, with nulls. The same row groups give the same bytes.
 *
 * Not carried over: statistics and indexes of columns, which say where they lie, and the file's key-value metadata, which
 * describes a file without the added columns.
 */
export class PartWriter {
  readonly #name: string;
  readonly #schema: readonly SchemaElement[];
  readonly #fields: string;
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;

  /** @param like a file with the columns of all that will be appended */
  constructor(like: ParquetFile) {
    this.#name = like.name;
    this.#schema = like.schema;
    this.#fields = fieldsOf(like.schema);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: ADDED,
      codec: 'UNCOMPRESSED',
      createdBy: 'savings',
    });
  }

  /**
   * @param source the file's, or one that holds the row group
   * @returns the bytes to write next, in pieces
   * @throws AppError `invalid` when the file has other columns than the first; whatever the source throws
   */
  async *append(
    file: ParquetFile,
    { chunks, rows }: RowGroup,
    { amounts, faults }: ScoredGroup,
    source = file.source,
  ): AsyncGenerator<Uint8Array, void, void> {
    if (fieldsOf(file.schema) !== this.#fields)
      throw new AppError(
        'invalid',
        `Cannot write the rows of ${file.name} beside those before: its columns or their types differ. Keep files with other columns in another location.`,
      );
    if (rows === 0) return;
    yield* this.#taken();
    const copied: ColumnChunk[] = [];
    for (const chunk of chunks) {
      copied.push(decoding(file.name, 'its footer', () => movedTo(this.#bytes.offset, chunk)));
      for (let at = chunk.start; at < chunk.end; at += COPY_BYTES) {
        const piece = await source.slice(at, Math.min(chunk.end, at + COPY_BYTES));
        this.#bytes.offset += piece.length;
        yield piece;
      }
    }
    const hasFaults = faults.length > 0;
    this.#writer.write({
      columnData: PREDICTION_COLUMNS.map((name, i) => {
        const data = columnOf(amounts, i);
        const values = hasFaults ? Array.from(data, (value) => (Number.isNaN(value) ? null : value)) : data;
        return { name, data: values, encoding: 'PLAIN', offsetIndex: false };
      }),
      rowGroupSize: rows,
    });
    const group = this.#writer.row_groups.at(-1)!;
    for (const { meta } of chunks) group.total_byte_size += BigInt(meta.total_uncompressed_size);
    for (const { start, end } of chunks) group.total_compressed_size! += BigInt(end - start);
    group.columns.unshift(...copied);
    yield* this.#taken();
  }

  /** @returns the last bytes */
  *finish(): Generator<Uint8Array, void, void> {
    const [root, ...columns] = this.#schema;
    const children = (root.num_children ?? 0) + PREDICTION_COLUMNS.length;
    // The library encodes by the columns that are added alone, and describes all of them.
    this.#writer.schema = [{ ...root, num_children: children }, ...columns.map(written), ...ADDED.slice(1)];
    decoding(this.#name, 'its footer', () => this.#writer.finish());
    yield* this.#taken();
  }

  *#taken(): Generator<Uint8Array, void, void> {
    const bytes = this.#bytes.getBytes().slice();
    // `offset` goes on: it is where in the file the next byte will stand.
    this.#bytes.index = 0;
    if (bytes.length > 0) yield bytes;
  }
}

/**
 * An element as the library can write it: it writes the 8-bit numbers in two logical types as 32-bit ones, which other
 * readers refuse. What an integer is, the older of its two descriptions says as well; a variant's version may be left out.
 */
function written({ logical_type: logical, ...element }: SchemaElement): SchemaElement {
  if (logical === undefined) return element;
  if (logical.type === 'VARIANT') return { ...element, logical_type: { type: 'VARIANT' } };
  if (logical.type !== 'INTEGER') return { ...element, logical_type: logical };
  const converted = `${logical.isSigned ? '' : 'U'}INT_${logical.bitWidth}` as ConvertedType;
  return { ...element, converted_type: element.converted_type ?? converted };
}

/** What decides whether row groups can stand in one file. */
const fieldsOf = (schema: readonly SchemaElement[]) => JSON.stringify(schema.slice(1));

/** A column chunk's description for another place in another file. */
function movedTo(start: number, chunk: Chunk): ColumnChunk {
  const by = BigInt(start - chunk.start);
  const {
    type,
    encodings,
    path_in_schema,
    codec,
    num_values,
    total_uncompressed_size,
    total_compressed_size,
    data_page_offset,
    dictionary_page_offset,
  } = chunk.meta;
  return {
    file_offset: BigInt(start),
    meta_data: {
      type,
      encodings,
      path_in_schema,
      codec,
      num_values,
      total_uncompressed_size,
      total_compressed_size,
      data_page_offset: data_page_offset + by,
      ...(dictionary_page_offset && { dictionary_page_offset: dictionary_page_offset + by }),
    },
  };
}

function columnOf(amounts: Float64Array, column: number): Float64Array {
  const values = new Float64Array(amounts.length / AMOUNTS);
  for (let row = 0; row < values.length; row++) values[row] = amounts[row * AMOUNTS + column];
  return values;
}
