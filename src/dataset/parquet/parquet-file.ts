import { type ColumnChunk, type FileMetaData, parquetMetadata, type SchemaElement } from 'hyparquet';
import { corrupt, decoding, unsupported } from './parquet-error.ts';
import type { RandomAccess } from './random-access.ts';

/** Enough for the footer of most files, in one request. */
const FOOTER_BYTES = 65_536;
/** What is read of a footer at most: ten thousand row groups of a hundred columns. */
const MAX_FOOTER_BYTES = 134_217_728;
/** Length of the footer, then `PAR1`. */
const TAIL_BYTES = 8;

/** A column at the top of the schema. */
export interface ParquetColumn {
  name: string;
  element: SchemaElement;
  /** Where its first leaf stands among a row group's chunks. */
  leaf: number;
  /** Whether each row holds one value or none, and not a list, a map or a struct. */
  isFlat: boolean;
}

export interface RowGroup {
  rows: number;
  /** The file's row that is its first; the file's first is 1. */
  firstRow: number;
  /** Where its column chunks lie: `[start, end)`. */
  start: number;
  end: number;
  /** One for each leaf of the schema, in its order. */
  chunks: readonly Chunk[];
}

/** One column of one row group, as it lies in the file. */
export interface Chunk {
  start: number;
  end: number;
  meta: NonNullable<ColumnChunk['meta_data']>;
}

/** A Parquet file whose footer has been read and checked; of its rows nothing is read yet. */
export class ParquetFile {
  /** What messages call it. */
  readonly name: string;
  readonly source: RandomAccess;
  /** The schema as it is written: the root, then its columns depth first. */
  readonly schema: readonly SchemaElement[];
  readonly columns: readonly ParquetColumn[];
  readonly rowGroups: readonly RowGroup[];
  readonly rows: number;

  private constructor(name: string, source: RandomAccess, { schema, row_groups }: FileMetaData) {
    this.name = name;
    this.source = source;
    if (!schema.every(isSound)) throw corrupt(name, 'its schema is none');
    this.schema = schema;
    this.columns = columnsOf(name, schema);
    const leaves = schema.filter(({ type }) => type !== undefined).length;
    let rows = 0;
    this.rowGroups = row_groups.map(({ columns, num_rows }) => {
      const group = rowGroupOf(name, source.byteLength, columns, Number(num_rows), rows + 1);
      if (columns.length !== leaves)
        throw corrupt(name, `a row group has ${columns.length} columns where the schema has ${leaves}`);
      rows += group.rows;
      return group;
    });
    for (const { chunks, rows } of this.rowGroups)
      for (const { leaf, isFlat } of this.columns)
        if (isFlat && Number(chunks[leaf].meta.num_values) !== rows)
          throw corrupt(name, 'a column has more or fewer values than its row group has rows');
    this.rows = rows;
  }

  /**
   * Reads the footer: one request, or two when it is long.
   *
   * @param name what messages call it
   * @throws AppError `corrupt` when it is no Parquet file, or a part of one; `invalid` when it is encrypted
   */
  static async open(source: RandomAccess, name: string): Promise<ParquetFile> {
    const footer = await readFooter(source, name);
    const metadata = decoding(name, 'its footer', () => parquetMetadata(footer, { geoparquet: false }));
    return decoding(name, 'its footer', () => new ParquetFile(name, source, metadata));
  }

  column(name: string): ParquetColumn | undefined {
    return this.columns.find((column) => column.name === name);
  }
}

async function readFooter(source: RandomAccess, name: string): Promise<Uint8Array> {
  const { byteLength } = source;
  const tooShort = 'it is too short for a Parquet file';
  // The magic at both ends, and the footer's length.
  if (byteLength < 4 + TAIL_BYTES) throw corrupt(name, tooShort);
  const from = Math.max(0, byteLength - FOOTER_BYTES);
  const end = await source.slice(from, byteLength);
  if (end.length !== byteLength - from) throw corrupt(name, tooShort);
  const magic = new TextDecoder('latin1').decode(end.subarray(-4));
  if (magic === 'PARE') throw encrypted(name);
  if (magic !== 'PAR1')
    throw corrupt(name, 'it does not end as a Parquet file does, so it is none or its end is missing');
  const footer =
    new DataView(end.buffer, end.byteOffset).getUint32(end.length - TAIL_BYTES, true) + TAIL_BYTES;
  if (footer > byteLength - 4) throw corrupt(name, 'its footer is longer than the file');
  if (footer > MAX_FOOTER_BYTES)
    throw unsupported(
      name,
      `its footer has more than ${MAX_FOOTER_BYTES} bytes`,
      'Write it with fewer and larger row groups.',
    );
  if (footer <= end.length) return end.subarray(end.length - footer);
  return source.slice(byteLength - footer, byteLength);
}

/** More digits than any decimal has. */
const MAX_SCALE = 1_000;

/** The library passes on whatever the footer holds, of whatever type. */
function isSound(element: SchemaElement): boolean {
  const { type_length, num_children, scale, precision, field_id, logical_type: logical } = element;
  const wholes = [type_length, num_children, scale, precision, field_id];
  const hasScale = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_SCALE;
  return (
    wholes.every((value) => value === undefined || Number.isInteger(value)) &&
    (scale === undefined || hasScale(scale)) &&
    (logical?.type !== 'DECIMAL' || hasScale(logical.scale)) &&
    Object.values(logical ?? {}).every((value) => typeof value !== 'bigint')
  );
}

const encrypted = (name: string) => unsupported(name, 'it is encrypted', 'Write it without encryption.');

function columnsOf(name: string, schema: readonly SchemaElement[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  let at = 1;
  let leaf = 0;
  /** Passes over an element and all below it. */
  const skip = () => {
    const element = schema[at++];
    if (element === undefined) throw corrupt(name, 'its schema ends too early');
    if (element.type !== undefined) leaf++;
    for (let child = 0; child < (element.num_children ?? 0); child++) skip();
  };
  for (let child = 0; child < (schema[0]?.num_children ?? 0); child++) {
    const element = schema[at];
    const first = leaf;
    skip();
    const isFlat = element.type !== undefined && element.repetition_type !== 'REPEATED';
    columns.push({ name: element.name, element, leaf: first, isFlat });
  }
  if (at !== schema.length) throw corrupt(name, 'its schema has columns that belong to none');
  return columns;
}

function rowGroupOf(
  name: string,
  byteLength: number,
  columns: readonly ColumnChunk[],
  rows: number,
  firstRow: number,
): RowGroup {
  if (!(Number.isSafeInteger(rows) && rows >= 0)) throw corrupt(name, 'a row group has no number of rows');
  const chunks = columns.map(({ meta_data: meta, file_path, crypto_metadata }) => {
    if (crypto_metadata !== undefined) throw encrypted(name);
    if (meta === undefined) throw corrupt(name, 'a column of a row group is not described');
    if (file_path !== undefined)
      throw unsupported(name, 'its rows lie in other files', 'Give those files themselves.');
    // Some writers say 0 where there is no dictionary.
    const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
    const end = start + Number(meta.total_compressed_size);
    const lies = Number.isSafeInteger(start) && start >= 4 && end >= start && end <= byteLength;
    if (!lies) throw corrupt(name, 'a column lies outside of the file');
    return { start, end, meta };
  });
  // A row group without columns has nowhere to lie.
  const start = Math.min(byteLength, ...chunks.map((chunk) => chunk.start));
  const end = Math.max(start, ...chunks.map((chunk) => chunk.end));
  return { rows, firstRow, start, end, chunks };
}
