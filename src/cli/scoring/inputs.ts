import { DATA_EXTENSIONS, type DataFormat, dataFormatOf } from '../../dataset/data-format.ts';
import { GroupScorer } from '../../dataset/parquet/score-group.ts';
import { AppError } from '../../errors.ts';
import { counted } from '../../model/counted.ts';
import type { Model } from '../../model/model.ts';
import type { DataFile, Location } from '../../store/location.ts';
import { csvHeader } from './csv-part.ts';
import { openParquet } from './parquet-part.ts';
import type { RunRecord } from './run-record.ts';

/** What there is to score. */
export type Inputs = Pick<RunRecord, 'inputs' | 'output' | 'header'> & {
  /** Names of files that hold something else, by their extension. */
  ignored: string[];
};

/** @throws AppError `invalid` when there is nothing to score, or not in one way; what reading throws */
export async function listInputs(from: Location, model: Model): Promise<Inputs> {
  const inputs: DataFile[] = [];
  const ignored: string[] = [];
  const formats = new Set<DataFormat>();
  for (const file of await from.list()) {
    const format = dataFormatOf(file.path);
    if (format === undefined) ignored.push(file.path);
    // Many writers leave an empty file where they had no rows.
    else if (file.size > 0) {
      inputs.push(file);
      formats.add(format);
    }
  }
  const [first] = inputs;
  if (first === undefined)
    throw new AppError(
      'invalid',
      `Cannot score ${from.name}: it holds no rows, which are read from files that end with ${DATA_EXTENSIONS}` +
        `${ignored.length > 0 ? ` (and ${counted(ignored.length, 'other file')})` : ''}.`,
    );
  const output = formats.has('parquet') ? 'parquet' : 'csv';
  if (output === 'parquet' && formats.size > 1)
    throw new AppError(
      'invalid',
      `Cannot score ${from.name}: it holds both Parquet and CSV, which cannot be one output. Put the one into a location ` +
        'of its own.',
    );
  return { inputs, output, header: await headerOf(from, first, model), ignored };
}

/** @returns as RunRecord has it @throws AppError `invalid` when the file's columns do not fit the model */
async function headerOf(from: Location, file: DataFile, model: Model): Promise<string> {
  if (dataFormatOf(file.path) !== 'parquet') return await csvHeader(from, file, model);
  new GroupScorer(await openParquet(from, file), model);
  return '';
}

/**
 * Holds the inputs of a run against what is there now.
 * @returns the names of those that have come since, which are not the run's
 * @throws AppError `conflict` that names one that is gone or has changed
 */
export async function checkInputs(run: RunRecord, from: Location, to: Location): Promise<string[]> {
  const now = new Map((await from.list()).map((file) => [file.path, file]));
  for (const { path, etag } of run.inputs) {
    const found = now.get(path);
    if (found?.etag !== etag)
      throw new AppError(
        'conflict',
        `Cannot go on with the run in ${to.name}: ${path} ${found ? 'has changed' : 'is gone'} since it began. Put back ` +
          'what was there, or score into another location.',
      );
    now.delete(path);
  }
  return [...now.values()]
    .filter(({ path, size }) => dataFormatOf(path) !== undefined && size > 0)
    .map(({ path }) => path);
}
