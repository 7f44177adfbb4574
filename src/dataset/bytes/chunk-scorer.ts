import { AppError } from '../../errors.ts';
import { decimalsOf } from '../../model/fixed.ts';
import type { Model } from '../../model/model.ts';
import { type PredictionCounts, PredictionCounter } from '../../model/prediction-counts.ts';
import type { CsvRecord } from '../csv.ts';
import { csvCell } from '../csv-cell.ts';
import { describeFault, type RowFault, RowReader } from '../row-reader.ts';
import { type CsvChunk, headerOf, readRecord } from './record-splitter.ts';
import { fixed } from '../../model/fixed.ts';

/** The columns that predicting adds to every row: the amount, and the ends of its interval, in the target's unit. */
export const PREDICTION_COLUMNS = ['prediction', 'low', 'high'];
/** The column that it adds when bad rows are kept: what is wrong with the row; blank for a good one. */
export const FAULT_COLUMN = 'error';

export interface ScoreOptions {
  /** Leaves bad rows in their places, without predictions and with a column that says what is wrong. */
  keepBadRows?: boolean | undefined;
  /** Counts what monitoring wants to know of the predictions. */
  counts?: boolean | undefined;
}

/** A chunk's rows with their predictions; plain data, so that a worker can post it and transfer its memory. */
export interface ScoredChunk {
  /** A line for each row that is good or kept, in UTF-8. */
  csv: Uint8Array<ArrayBuffer>;
  /** How many rows are predicted. */
  rows: number;
  faults: RowFault[];
  /** Absent when they were not asked for. */
  counts?: PredictionCounts;
  /** Milliseconds that the forest took. */
  ms: number;
}

/** Turns chunks of a CSV into CSV with each row's prediction behind it. */
export class ChunkScorer {
  /** The result's first line. */
  readonly header: Uint8Array<ArrayBuffer>;
  /** How many columns a row of the file has. */
  readonly columns: number;
  readonly #reader: RowReader;
  readonly #model: Model;
  readonly #keepBadRows: boolean;
  readonly #counter: PredictionCounter | undefined;

  /**
   * @param header the first chunk of the file; undefined when it has none
   * @throws AppError `invalid` when the header does not fit the model, or has a column that would be added
   */
  constructor(header: CsvChunk | undefined, model: Model, options: ScoreOptions = {}) {
    this.#reader = new RowReader(header && headerOf(header), model.inputs);
    this.#model = model;
    this.#keepBadRows = options.keepBadRows ?? false;
    const added = this.#keepBadRows ? [...PREDICTION_COLUMNS, FAULT_COLUMN] : PREDICTION_COLUMNS;
    checkNotTaken(this.#reader.header, added);
    this.header = new TextEncoder().encode(csvLine([...this.#reader.header, ...added]));
    this.columns = this.#reader.header.length;
    if (options.counts) this.#counter = new PredictionCounter(model);
  }

  score({ bytes, line, ends, rows: atMost }: CsvChunk): ScoredChunk {
    const { width } = this.#model;
    const quantities = new Float64Array(atMost * width);
    const lines: string[] = [];
    const places: number[] = [];
    const good: CsvRecord[] = [];
    const faults: RowFault[] = [];
    let from = 0;
    let at = line;
    for (const end of ends) {
      const part = bytes.subarray(from, end);
      from = end;
      const record = readRecord(part, at);
      at += part.filter((byte) => byte === 10).length;
      if (record === undefined) continue;
      const row = this.#reader.read(record);
      if (row.ok) {
        this.#model.features(row.inputs, quantities, good.length * width);
        good.push(record);
        places.push(lines.push('') - 1);
      } else {
        faults.push(row.fault);
        if (this.#keepBadRows) lines.push(this.#badLine(record, row.fault));
      }
    }
    const rows = good.length;
    const used = quantities.subarray(0, rows * width);
    const began = performance.now();
    const predictions = this.#model.predictQuantities(used, rows);
    const ms = performance.now() - began;
    const decimals = decimalsOf(this.#model.manifest);
    const noFault = this.#keepBadRows ? [''] : [];
    for (let i = 0; i < rows; i++) {
      const added = [...predictions.subarray(3 * i, 3 * i + 3)].map((value) => fixed(value, decimals));
      lines[places[i]] = csvLine([...good[i].fields, ...added, ...noFault]);
    }
    const csv = new TextEncoder().encode(lines.join(''));
    const counts = this.#counter?.count(used, predictions, rows);
    return { csv, rows, faults, ...(counts && { counts }), ms };
  }

  /** A row whose fields do not fit the header keeps none of them: they would stand under the wrong names. */
  #badLine({ fields }: CsvRecord, fault: RowFault): string {
    const { header } = this.#reader;
    const own = fields.length === header.length ? fields : header.map(() => '');
    return csvLine([...own, ...PREDICTION_COLUMNS.map(() => ''), describeFault(fault)]);
  }
}

function checkNotTaken(header: readonly string[], added: readonly string[]): void {
  const taken = added.filter((column) => header.includes(column));
  if (taken.length === 0) return;
  throw new AppError(
    'invalid',
    `Cannot predict the CSV: it has a column ${taken.join(', ')} already; rename or remove it.`,
  );
}

const csvLine = (fields: readonly string[]) => `${fields.map(csvCell).join(',')}\n`;
