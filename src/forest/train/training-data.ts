import { AppError } from '../../errors.ts';

export interface TrainingData {
  /** [features][rows] */
  columns: Float64Array[];
  /** [rows] */
  target: Float64Array;
  /** [rows], in proportion to which rows are drawn for a tree; all as often where it is left out. */
  weights?: Float64Array | undefined;
}

/** Half of the largest float64, so that the mean of two values is finite. */
const MAX_VALUE = Number.MAX_VALUE / 2;

/** With this bound a sum of squares over any number of rows is finite. */
const MAX_TARGET = 1e150;

/** @throws AppError `invalid` naming the column and row that cannot be learned from. */
export function checkTrainingData({ columns, target, weights }: TrainingData): void {
  if (target.length === 0) throw new AppError('invalid', 'Cannot train: there are no rows.');
  if (columns.length === 0) throw new AppError('invalid', 'Cannot train: there are no columns.');
  columns.forEach((column, c) => {
    if (column.length !== target.length)
      throw new AppError(
        'invalid',
        `Cannot train: column ${c} has ${column.length} rows, the target ${target.length}.`,
      );
    checkValues(column, MAX_VALUE, `column ${c}`);
  });
  checkValues(target, MAX_TARGET, 'the target');
  if (weights === undefined) return;
  if (weights.length !== target.length || weights.some((weight) => !(weight >= 0 && weight < MAX_TARGET)))
    throw new AppError('invalid', 'Cannot train: there must be a weight for each row, from 0 on.');
  if (weights.every((weight) => weight === 0))
    throw new AppError('invalid', 'Cannot train: the weight of every row is 0.');
}

function checkValues(values: Float64Array, max: number, name: string): void {
  for (let row = 0; row < values.length; row++) {
    // Written so that NaN fails too.
    if (!(Math.abs(values[row]) <= max))
      throw new AppError(
        'invalid',
        `Cannot train: ${name}, row ${row} is not a finite number within ±${max}.`,
      );
  }
}
