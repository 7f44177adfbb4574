import { readCsv } from '../dataset/csv-reader.ts';
import type { LabelledOptions, LabelledTable } from '../dataset/read-labelled.ts';
import { type Io, UsageError, type Values } from './command.ts';
import type { EvaluationOptions } from './evaluation.ts';
import { dataName, inputBytes } from './input.ts';
import { percentOption } from './option-values.ts';
import { checkDataPath } from './paths.ts';

const DEFAULT_MARGIN = 0.01;
const MOST_PERCENT = 100;

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
 * The rows that an option names.
 *
 * @throws UsageError when it is no path
 */
export function labelledTables(option: string, path: string, io: Io): LabelledTable[] {
  checkDataPath(path, option);
  return [{ name: dataName(path), records: () => readCsv(inputBytes(path, io)) }];
}
