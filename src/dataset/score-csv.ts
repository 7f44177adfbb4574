import { AppError } from '../errors.ts';
import { counted } from '../model/counted.ts';
import type { Inputs } from '../model/features.ts';
import { fixed } from '../model/fixed.ts';
import type { Model, Prediction } from '../model/model.ts';
import { type CsvRecord, readCsv } from './csv.ts';
import { csvCell } from './csv-cell.ts';
import { type RowFault, RowReader } from './row-reader.ts';

/** What scoring adds to every row: the amount, and the ends of its interval, in the target's unit. */
export const SCORE_COLUMNS = ['prediction', 'low', 'high'];
/** What it adds besides when bad rows are kept: what is wrong with the row; blank for a good one. */
export const FAULT_COLUMN = 'error';

const ROWS_PER_BATCH = 1024;

export interface ScoreHooks {
  onFault(fault: RowFault): void;
  /** Each batch of good rows, with the milliseconds that the forest took. */
  onScored?: (inputs: readonly Inputs[], predictions: readonly Prediction[], ms: number) => void;
}

export interface ScoreOptions {
  /** Leaves bad rows in their places, without scores and with a column that says what is wrong. */
  keepBadRows?: boolean;
  /** Of good and bad rows together. */
  maxRows?: number;
  /** The line that the first row has in a larger file, whose slice this is. */
  firstLine?: number;
}

/**
 * Scores a CSV as it comes, in constant memory: each good row as it was, with three columns more. Bad rows are told
 * of, and left out or kept.
 *
 * @returns CSV text, in pieces; the header is the first
 * @throws AppError `invalid` when the header does not fit the model, or the bytes are not UTF-8; `too_large` when
 * there are more rows than `maxRows`
 */
export async function* scoreCsv(
  source: AsyncIterable<Uint8Array>,
  model: Model,
  hooks: ScoreHooks,
  options: ScoreOptions = {},
): AsyncGenerator<string, void, void> {
  const { maxRows = Number.POSITIVE_INFINITY } = options;
  let scorer: Scorer | undefined;
  let count = 0;
  for await (const records of readCsv(source)) {
    let rows = records;
    if (scorer === undefined) {
      scorer = new Scorer(new RowReader(records[0], model.inputs), model, hooks, options);
      yield scorer.header;
      rows = records.slice(1);
    }
    for (let start = 0; start < rows.length; start += ROWS_PER_BATCH) {
      const batch = rows.slice(start, Math.min(start + ROWS_PER_BATCH, start + maxRows - count));
      const lines = scorer.score(batch);
      if (lines !== '') yield lines;
      count += batch.length;
      if (count >= maxRows && start + batch.length < rows.length) {
        throw new AppError(
          'too_large',
          `Cannot score the CSV: it has more than ${counted(maxRows, 'row')}; split it.`,
        );
      }
    }
  }
  // Throws the error of an empty file.
  if (scorer === undefined) new RowReader(undefined, model.inputs);
}

class Scorer {
  readonly header: string;
  readonly #reader: RowReader;
  readonly #model: Model;
  readonly #hooks: ScoreHooks;
  readonly #keepBadRows: boolean;
  readonly #lineShift: number;

  constructor(reader: RowReader, model: Model, hooks: ScoreHooks, options: ScoreOptions) {
    this.#reader = reader;
    this.#model = model;
    this.#hooks = hooks;
    this.#keepBadRows = options.keepBadRows ?? false;
    this.#lineShift = (options.firstLine ?? 2) - 2;
    const added = this.#keepBadRows ? [...SCORE_COLUMNS, FAULT_COLUMN] : SCORE_COLUMNS;
    checkNotTaken(reader.header, added);
    this.header = csvLine([...reader.header, ...added]);
  }

  score(records: readonly CsvRecord[]): string {
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
        const fault = { ...row.fault, line: row.fault.line + this.#lineShift };
        this.#hooks.onFault(fault);
        if (this.#keepBadRows) lines.push(this.#badLine(record, fault));
      }
    }
    const began = performance.now();
    const predictions = this.#model.predictMany(inputs);
    const ms = performance.now() - began;
    const noFault = this.#keepBadRows ? [''] : [];
    for (const [i, { amount, interval }] of predictions.entries()) {
      const scores = [amount, interval.low, interval.high].map((value) => fixed(value, 2));
      lines[places[i]] = csvLine([...good[i].fields, ...scores, ...noFault]);
    }
    if (inputs.length > 0) this.#hooks.onScored?.(inputs, predictions, ms);
    return lines.join('');
  }

  /** A row whose fields do not fit the header keeps none of them: they would stand under the wrong names. */
  #badLine({ fields }: CsvRecord, { line, message }: RowFault): string {
    const { header } = this.#reader;
    const own = fields.length === header.length ? fields : header.map(() => '');
    return csvLine([...own, ...SCORE_COLUMNS.map(() => ''), `line ${line}: ${message}`]);
  }
}

function checkNotTaken(header: readonly string[], added: readonly string[]): void {
  const taken = added.filter((column) => header.includes(column));
  if (taken.length === 0) return;
  throw new AppError(
    'invalid',
    `Cannot score the CSV: it has a column ${taken.join(', ')} already; rename or remove it.`,
  );
}

const csvLine = (fields: readonly string[]) => `${fields.map(csvCell).join(',')}\n`;
