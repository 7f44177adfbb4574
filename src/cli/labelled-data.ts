import { stat } from 'node:fs/promises';
import { readCsv } from '../dataset/csv-reader.ts';
import type { LabelledOptions, LabelledTable } from '../dataset/read-labelled.ts';
import { AppError, isAppError } from '../errors.ts';
import { printable } from '../printable.ts';
import { bytesOf, type Location, openLocation, type S3Settings } from '../store/location.ts';
import { type Io, UsageError, type Values } from './command.ts';
import type { EvaluationOptions } from './evaluation.ts';
import { dataName, inputBytes, STDIN } from './input.ts';
import { percentOption } from './option-values.ts';
import { checkPath } from './paths.ts';

const DEFAULT_MARGIN = 0.01;
const MOST_PERCENT = 100;
const ACCEPTED = 'a file, a directory, s3://BUCKET/PREFIX/, or - for standard input';
const OTHER_FORMATS = /\.(parquet|gz|zip|xlsx?)$/i;

/** What such an option's help says it takes. */
export const LABELLED = `CSV with inputs and outcomes: ${ACCEPTED}`;

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
 * @throws UsageError when it is no such place; AppError when there are no tables, or others than CSV
 */
export async function labelledTables(option: string, place: string, io: Io): Promise<LabelledTable[]> {
  const inS3 = place.startsWith('s3://');
  if (place !== STDIN && !inS3) checkPath(option, place, ACCEPTED);
  const isDirectory = !inS3 && place !== STDIN && (await stat(place).catch(() => undefined))?.isDirectory();
  if (!inS3 && !isDirectory) return [tableOf(dataName(place), () => inputBytes(place, io))];

  const { AWS_REGION: region, AWS_ENDPOINT_URL_S3: endpoint } = io.env;
  const location = locationOf(option, place, {
    region: region || undefined,
    endpoint: endpoint || undefined,
  });
  const files = await location.list();
  if (files.length === 0) throw new AppError('not_found', `Cannot read ${location.name}: it holds no files.`);
  return files.map((file) => tableOf(printable(file.path), () => bytesOf(location, file)));
}

/** Which format a table has is told by its name's end. */
function tableOf(name: string, bytes: () => AsyncIterable<Uint8Array>): LabelledTable {
  if (OTHER_FORMATS.test(name))
    throw new AppError(
      'invalid',
      `Cannot read ${name}: rows with outcomes are read from CSV. Write it as one.`,
    );
  return { name, records: () => readCsv(bytes()) };
}

function locationOf(option: string, place: string, settings: S3Settings): Location {
  try {
    return openLocation(place, settings);
  } catch (error) {
    if (!isAppError(error, 'invalid')) throw error;
    throw new UsageError(`${option} must be ${ACCEPTED}.`, { cause: error });
  }
}
