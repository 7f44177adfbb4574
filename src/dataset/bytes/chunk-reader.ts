import type { InputSchema } from '../../model/features.ts';
import type { CsvRecord } from '../csv.ts';
import { columnsOf, type Outcome } from '../outcome.ts';
import { type GoodRow, type RowFault, RowReader } from '../row-reader.ts';
import { type CsvChunk, headerOf, lineFeedsIn, readRecord } from './record-splitter.ts';
import { RowScanner } from './row-scanner.ts';

/** Hears of each row of a chunk, in their order. */
export interface RowListener {
  /** A good row, whose text in the chunk ends at `to`, without its line break; ChunkReader holds its numbers. */
  onGood(from: number, to: number): void;
  /** The same of one whose text is not of the usual form. */
  onGoodRecord(record: CsvRecord): void;
  onBad(fault: RowFault, record: CsvRecord): void;
}

/** Reads chunks of a CSV as numbers: rows of the usual form off their bytes, any other as RowReader reads it. */
export class ChunkReader {
  readonly header: readonly string[];
  /** `[features]` of the row that is told of: its numbers, and its choices' indexes. */
  readonly values: Float64Array;
  /** As RowReader has it, of the same row. */
  target = 0;
  weight = 1;
  readonly #inputs: InputSchema;
  readonly #reader: RowReader;
  readonly #scanner: RowScanner;
  /** `[features, numbers of the outcome's columns]`; `values` are its beginning. */
  readonly #numbers: Float64Array;
  /** Where in it the target's columns and the weight are; no columns, or -1, where they are not asked for. */
  readonly #target: readonly number[];
  readonly #weight: number;

  /**
   * @param header the first chunk of the file; undefined when it has none
   * @param outcome, others as RowReader has them
   * @throws AppError `invalid` as RowReader does
   */
  constructor(
    header: CsvChunk | undefined,
    inputs: InputSchema,
    outcome?: Outcome,
    others?: ReadonlyMap<string, string>,
  ) {
    this.#inputs = inputs;
    this.#reader = new RowReader(header && headerOf(header), inputs, outcome, others);
    this.header = this.#reader.header;
    const { features } = inputs;
    const columns = outcome === undefined ? [] : columnsOf(outcome);
    const weight = outcome?.weight;
    const outside = [...new Set(weight === undefined ? columns : [...columns, weight])];
    const placeOf = (column: string) => features.length + outside.indexOf(column);
    this.#target = columns.map(placeOf);
    this.#weight = weight === undefined ? -1 : placeOf(weight);
    const least = (column: string) => (column === weight ? 0 : -Number.MAX_VALUE);
    this.#scanner = new RowScanner(
      this.header,
      features,
      outside.map((column) => ({ column, min: least(column) })),
    );
    this.#numbers = new Float64Array(features.length + outside.length);
    this.values = this.#numbers.subarray(0, features.length);
  }

  read({ bytes, line, ends }: CsvChunk, listener: RowListener): void {
    const scanner = this.#scanner;
    const numbers = this.#numbers;
    let from = 0;
    let lineNumber = line;
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i];
      if (scanner.read(bytes, from, end, numbers)) {
        this.#readOutcome();
        listener.onGood(from, scanner.textEnd);
        lineNumber++;
      } else {
        const text = bytes.subarray(from, end);
        this.#readRecord(readRecord(text, lineNumber), listener);
        lineNumber += lineFeedsIn(text);
      }
      from = end;
    }
  }

  #readOutcome(): void {
    const numbers = this.#numbers;
    const target = this.#target;
    if (target.length > 0) this.target = numbers[target[0]];
    for (let i = 1; i < target.length; i++) this.target -= numbers[target[i]];
    if (this.#weight >= 0) this.weight = numbers[this.#weight];
  }

  /** @param record undefined for a blank line */
  #readRecord(record: CsvRecord | undefined, listener: RowListener): void {
    if (record === undefined) return;
    const row = this.#reader.read(record);
    if (row.ok) {
      this.#take(row);
      listener.onGoodRecord(record);
    } else {
      listener.onBad(row.fault, record);
    }
  }

  #take({ inputs, target, weight }: GoodRow): void {
    for (const [i, { name, choices }] of this.#inputs.features.entries()) {
      const value = inputs[name];
      this.values[i] = typeof value === 'number' ? value : (choices ?? []).indexOf(value);
    }
    this.target = target;
    this.weight = weight;
  }
}
