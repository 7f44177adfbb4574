import { AppError } from '../errors.ts';
import { counted } from '../model/counted.ts';
import type { Inputs } from '../model/features.ts';
import { decimalsOf, fixed } from '../model/fixed.ts';
import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import type { CsvRecord } from './csv.ts';
import { csvLine } from './csv-cell.ts';
import { describeFault, type RowFault, type RowReader } from './row-reader.ts';

/** The columns that predicting adds to every row: the amount, and the ends of its interval, in the target's unit. */
export const PREDICTION_COLUMNS = ['prediction', 'low', 'high'];
/** The column that it adds when bad rows are kept: what is wrong with the row; blank for a good one. */
export const FAULT_COLUMN = 'error';

/** Rows that are predicted together at most: many enough to be fast, few enough to keep nobody waiting. */
const ROWS_PER_BATCH = 1024;
/** What the lines of such rows may take, about: a bad row of one character becomes as many cells as the header has. */
const CELLS_PER_BATCH = 1_048_576;

export interface PredictHooks {
  onFault(fault: RowFault): void;
  /** Called with each batch of good rows, and the milliseconds that the forest took. */
  onPredicted?: (inputs: readonly Inputs[], predictions: readonly Prediction[], ms: number) => void;
}

/** Turns rows into the text of a CSV, each with its prediction behind it. */
export class CsvPredictor {
  readonly header: string;
  readonly rowsPerBatch: number;
  readonly #reader: RowReader;
  readonly #model: Model;
  readonly #hooks: PredictHooks;
  readonly #keepBadRows: boolean;

  /**
   * @param keepBadRows leaves bad rows in their places, without predictions and with a column that says what is wrong
   * @throws AppError `invalid` when the header has a column that would be added
   */
  constructor(reader: RowReader, model: Model, hooks: PredictHooks, keepBadRows = false) {
    this.#reader = reader;
    this.#model = model;
    this.#hooks = hooks;
    this.#keepBadRows = keepBadRows;
    const added = this.#keepBadRows ? [...PREDICTION_COLUMNS, FAULT_COLUMN] : PREDICTION_COLUMNS;
    checkNotTaken(reader.header, added);
    this.header = csvLine([...reader.header, ...added]);
    this.rowsPerBatch = Math.max(
      1,
      Math.min(ROWS_PER_BATCH, Math.floor(CELLS_PER_BATCH / reader.header.length)),
    );
  }

  /** @returns a line for each record that is good or kept */
  predict(records: readonly CsvRecord[]): string {
    const lines: string[] = [];
    const inputs: Inputs[] = [];
    /** Where each good row's line goes. */
    const places: number[] = [];
    const good: CsvRecord[] = [];
    for (const record of records) {
      const row = this.#reader.read(record);
      if (row.ok) {
        inputs.push(row.inputs);
        good.push(record);
        places.push(lines.push('') - 1);
      } else {
        this.#hooks.onFault(row.fault);
        if (this.#keepBadRows) lines.push(this.#badLine(record, row.fault));
      }
    }
    const began = performance.now();
    const predictions = this.#model.predictMany(inputs);
    const ms = performance.now() - began;
    const decimals = decimalsOf(this.#model.manifest);
    const noFault = this.#keepBadRows ? [''] : [];
    for (const [i, { amount, interval }] of predictions.entries()) {
      const added = [amount, interval.low, interval.high].map((value) => fixed(value, decimals));
      lines[places[i]] = csvLine([...good[i].fields, ...added, ...noFault]);
    }
    if (inputs.length > 0) this.#hooks.onPredicted?.(inputs, predictions, ms);
    return lines.join('');
  }

  /** A row whose fields do not fit the header keeps none of them: they would stand under the wrong names. */
  #badLine({ fields }: CsvRecord, fault: RowFault): string {
    const { header } = this.#reader;
    const own = fields.length === header.length ? fields : header.map(() => '');
    return csvLine([...own, ...PREDICTION_COLUMNS.map(() => ''), describeFault(fault)]);
  }
}

/**
 * @param what the data, for the message
 * @throws AppError `invalid` when a column that would be added is there
 */
export function checkNotTaken(header: readonly string[], added: readonly string[], what = 'the CSV'): void {
  const taken = added.filter((column) => header.includes(column));
  if (taken.length === 0) return;
  throw new AppError(
    'invalid',
    `Cannot predict ${what}: it has a column ${taken.join(', ')} already; rename or remove it.`,
  );
}

export const tooManyRows = (maxRows: number) =>
  new AppError('too_large', `Cannot predict the CSV: it has more than ${counted(maxRows, 'row')}; split it.`);
