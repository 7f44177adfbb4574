import { AppError } from '../../errors.ts';
import { decimalsOf } from '../../model/fixed.ts';
import type { Model } from '../../model/model.ts';
import { type PredictionCounts, PredictionCounter } from '../../model/prediction-counts.ts';
import type { CsvRecord } from '../csv.ts';
import { csvCell } from '../csv-cell.ts';
import { describeFault, type RowFault } from '../row-reader.ts';
import { ChunkReader } from './chunk-reader.ts';
import type { CsvChunk } from './record-splitter.ts';
import { FixedBytes } from './fixed-bytes.ts';
import { Lines, NONE } from './lines.ts';

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
  readonly #reader: ChunkReader;
  readonly #amounts: FixedBytes;
  readonly #model: Model;
  readonly #keepBadRows: boolean;
  /** `[rows, width]`, for one chunk after another: new memory for each would lie about until it is collected. */
  #quantities = new Float64Array();
  readonly #counter: PredictionCounter | undefined;

  /**
   * @param header the first chunk of the file; undefined when it has none
   * @throws AppError `invalid` when the header does not fit the model, or has a column that would be added
   */
  constructor(header: CsvChunk | undefined, model: Model, options: ScoreOptions = {}) {
    this.#reader = new ChunkReader(header, model.inputs);
    this.#model = model;
    this.#keepBadRows = options.keepBadRows ?? false;
    const added = this.#keepBadRows ? [...PREDICTION_COLUMNS, FAULT_COLUMN] : PREDICTION_COLUMNS;
    checkNotTaken(this.#reader.header, added);
    this.header = new TextEncoder().encode(`${csvCells([...this.#reader.header, ...added])}\n`);
    this.columns = this.#reader.header.length;
    this.#amounts = new FixedBytes(decimalsOf(model.manifest));
    if (options.counts) this.#counter = new PredictionCounter(model);
  }

  score(chunk: CsvChunk): ScoredChunk {
    const reader = this.#reader;
    const { width } = this.#model;
    if (this.#quantities.length < chunk.rows * width) this.#quantities = new Float64Array(chunk.rows * width);
    const quantities = this.#quantities;
    const lines = new Lines(chunk.rows);
    const faults: RowFault[] = [];
    let rows = 0;
    const keep = () => {
      quantities.set(reader.values, rows * width);
      return rows++;
    };
    reader.read(chunk, {
      onGood: (from, to) => lines.add(from, to, keep()),
      onGoodRecord: ({ fields }) => lines.addText(csvCells(fields), keep()),
      onBad: (fault, record) => {
        faults.push(fault);
        if (this.#keepBadRows) lines.addText(this.#badLine(record, fault), NONE);
      },
    });
    const began = performance.now();
    const predictions = this.#model.predictQuantities(quantities.subarray(0, rows * width), rows);
    const ms = performance.now() - began;
    const csv = lines.write(chunk.bytes, predictions, this.#amounts, this.#keepBadRows ? 1 : 0);
    const counts = this.#counter?.count(quantities, predictions, rows);
    return { csv, rows, faults, ...(counts && { counts }), ms };
  }

  /** A row whose fields do not fit the header keeps none of them: they would stand under the wrong names. */
  #badLine({ fields }: CsvRecord, fault: RowFault): string {
    const { header } = this.#reader;
    const own = fields.length === header.length ? fields : header.map(() => '');
    return csvCells([...own, ...PREDICTION_COLUMNS.map(() => ''), describeFault(fault)]);
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

const csvCells = (fields: readonly string[]) => fields.map(csvCell).join(',');
