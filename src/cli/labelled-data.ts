import { stat } from 'node:fs/promises';
import { readCsv } from '../dataset/csv-reader.ts';
import type { LabelledOptions, LabelledTable } from '../dataset/read-labelled.ts';
import { locationOf } from './location-option.ts';
import { type Io, UsageError, type Values } from './command.ts';
import type { EvaluationOptions } from './evaluation.ts';
import { dataName, inputCsv, STDIN } from './input.ts';
import { percentOption } from './option-values.ts';
import { checkPath } from './paths.ts';
import { rowFiles } from './row-files.ts';

const DEFAULT_MARGIN = 0.01;
const MOST_PERCENT = 100;
const ACCEPTED = 'a file, a directory, s3://BUCKET/PREFIX/, or - for standard input';

/** What such an option's help says it takes. */
export const LABELLED = `CSV, CSV.gz or Parquet with inputs and outcomes:\n${ACCEPTED}`;

/** The options of the commands that hold a model against known outcomes. */
export const LABELLED_OPTIONS = {
  margin: {
    type: 'string',
    value: 'PERCENT',
    help: "by how much of the other's mean absolute error a model may be worse (1%)",
  },
  weight: {
    type: 'string',
    value: 'COLUMN',
    help: "the column of each row's weight (the one that the models were trained with, if any)",
  },
  unweighted: { type: 'boolean', help: 'let all rows count alike' },
  'drop-bad-rows': { type: 'boolean', help: 'leave bad rows out and name them, which else refuse the data' },
} as const;

/** @throws UsageError */
export function labelledOptionsOf(values: Values<typeof LABELLED_OPTIONS>): EvaluationOptions {
  const { weight, unweighted } = values;
  if (weight !== undefined && unweighted) throw new UsageError('Give --weight or --unweighted, not both.');
  const options: LabelledOptions = {
    weight: unweighted ? null : weight,
    dropBadRows: values['drop-bad-rows'],
  };
  return { ...options, margin: percentOption('margin', values.margin, MOST_PERCENT) ?? DEFAULT_MARGIN };
}

/**
 * The tables that an option names: a file, standard input, or every file of a directory or a prefix in S3, by name.
 *
 * @throws UsageError when it is no such place; AppError when it holds nothing, or what is no table
 */
export async function labelledTables(option: string, place: string, io: Io): Promise<LabelledTable[]> {
  const inS3 = place.startsWith('s3://');
  if (place !== STDIN && !inS3) checkPath(option, place, ACCEPTED);
  const isFile = !inS3 && !(await stat(place).catch(() => undefined))?.isDirectory();
  if (place === STDIN || isFile) {
    return [{ name: dataName(place), records: () => readCsv(inputCsv(place, io)) }];
  }
  const files = await rowFiles(locationOf(option, place, io));
  return files.map(({ name, csv }) => ({ name, records: () => readCsv(csv()) }));
}
