import { DATA_EXTENSIONS, dataFormatOf } from '../dataset/data-format.ts';
import { gunzipped } from '../dataset/gzip.ts';
import type { CsvFile } from '../dataset/joined-csv.ts';
import { ParquetFile } from '../dataset/parquet/parquet-file.ts';
import { rowsAsCsv } from '../dataset/parquet/rows-as-csv.ts';
import { AppError } from '../errors.ts';
import { printable } from '../printable.ts';
import { bytesOf, type DataFile, type Location } from '../store/location.ts';

/** A file of a location, as a CSV whatever it is stored as. */
export interface RowFile extends CsvFile {
  /** Changes when the content does. */
  etag: string;
}

/**
 * Every file of rows of a location, by name; empty ones, which some writers leave, are passed over.
 * @throws AppError `not_found` when there is none, `invalid` when one is no table; what listing throws
 */
export async function rowFiles(location: Location): Promise<RowFile[]> {
  const files = (await location.list()).filter(({ size }) => size > 0);
  if (files.length === 0)
    throw new AppError('not_found', `Cannot read ${location.name}: it holds no files of rows.`);
  return files.map((file) => {
    if (dataFormatOf(file.path) === undefined)
      throw new AppError(
        'invalid',
        `Cannot read ${file.path} of ${location.name}: its name must end with ${DATA_EXTENSIONS}.`,
      );
    return { name: printable(file.path), etag: file.etag, csv: () => csvOf(location, file) };
  });
}

async function* csvOf(location: Location, file: DataFile): AsyncGenerator<Uint8Array> {
  const format = dataFormatOf(file.path);
  if (format === 'csv.gz') yield* gunzipped(bytesOf(location, file), file.path);
  else if (format === 'csv') yield* bytesOf(location, file);
  else {
    const slice = (start: number, end: number) => location.readRange(file, start, end);
    yield* rowsAsCsv(await ParquetFile.open({ byteLength: file.size, slice }, file.path));
  }
}
