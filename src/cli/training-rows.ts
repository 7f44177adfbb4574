import { stat } from 'node:fs/promises';
import { JoinedCsv } from '../dataset/joined-csv.ts';
import type { CsvTrainingOptions } from '../training/train-csv.ts';
import type { Io } from './command.ts';
import { dataName, rereadable, STDIN } from './input.ts';
import { locationOf } from './location-option.ts';
import { checkDataPath } from './paths.ts';
import { type RowFile, rowFiles } from './row-files.ts';

export type TrainingRows = Pick<CsvTrainingOptions, 'csv' | 'locate' | 'fileName'>;

/**
 * What `--data` names: a file, standard input, or all files of a directory or a prefix in S3.
 * @throws UsageError when it is no such place; AppError when it holds no rows
 */
export async function trainingRows(data: string, io: Io): Promise<TrainingRows> {
  const inS3 = data.startsWith('s3://');
  if (!inS3) checkDataPath(data);
  const isFile = !inS3 && (data === STDIN || !(await stat(data).catch(() => undefined))?.isDirectory());
  if (isFile) return { csv: rereadable(data, io), fileName: dataName(data) };
  return joinedRows(await rowFiles(locationOf('--data', data, io)));
}

/** @param files at least one */
export function joinedRows(files: readonly RowFile[]): TrainingRows {
  const rows = new JoinedCsv(files);
  const [first, last] = [files[0]?.name, files.at(-1)?.name];
  return {
    csv: () => rows.read(),
    locate: files.length === 1 ? undefined : (line) => rows.locate(line),
    fileName: files.length === 1 ? String(first) : `${files.length} files, ${first} to ${last}`,
  };
}
