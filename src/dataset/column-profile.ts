import { createHash } from 'node:crypto';
import { AppError } from '../errors.ts';
import { isGroupedNumber, NUMBER_TEXT } from '../model/features.ts';
import { readCsv } from './csv-reader.ts';
import { hashed } from './hashed.ts';
import { otherFormat } from './other-format.ts';

/** What one column of a CSV holds. Blanks around a cell do not count. */
export interface ColumnProfile {
  column: string;
  /** Cells that are not blank, and how many of them are numbers; the others are text. */
  cells: number;
  numbers: number;
  /** How many of the texts are meant as numbers: grouped, with a decimal comma or a currency. */
  grouped: number;
  /** Whether every number is whole. */
  areWhole: boolean;
  min: number;
  max: number;
  /** The numbers in rising order; of very many, an evenly spaced part. */
  sorted: Float64Array;
  /** How often each text stands there, numbers as they are written; undefined when there are too many to choose from. */
  texts: ReadonlyMap<string, number> | undefined;
}

/** What a CSV holds, column by column. */
export interface CsvProfile {
  /** Rows whose fields fit the header. */
  rows: number;
  columns: readonly ColumnProfile[];
  /** sha256 of the bytes that were read. */
  sha256: string;
}

/** Distinct texts that are counted. */
const MOST_TEXTS = 64;
/** Numbers of a column that are kept. */
const MOST_KEPT = 1 << 17;

/**
 * Reads what the columns of a CSV hold, whatever they are. Rows that do not fit the header are passed over: whoever reads
 * the rows themselves names them.
 *
 * @param wanted columns that a CSV of the right kind should have, to recognise one of another kind
 * @throws AppError `invalid` when it is no CSV, or has no or several columns of one name
 */
export async function profileCsv(
  source: AsyncIterable<Uint8Array>,
  onRows: (rows: number) => void = () => {},
  wanted: readonly string[] = [],
): Promise<CsvProfile> {
  const hash = createHash('sha256');
  let builders: ColumnBuilder[] | undefined;
  let rows = 0;
  for await (const records of readCsv(hashed(source, hash))) {
    for (const { fields, fault, opening } of records) {
      if (builders === undefined) {
        const names = fields.map((field) => field.trim());
        // A table of one column is most likely one of many, with other separators.
        const suspect = fault ?? (names.length < 2 ? 'its header has one column alone' : headerFault(names));
        const why = suspect && ((opening && otherFormat(opening, wanted)) ?? suspect);
        if (why !== undefined) throw new AppError('invalid', `Cannot read the CSV: ${why}.`);
        builders = names.map((name) => new ColumnBuilder(name));
      } else if (fault === undefined && fields.length === builders.length) {
        rows++;
        for (let i = 0; i < fields.length; i++) builders[i]!.add(fields[i]!.trim());
      }
    }
    onRows(rows);
  }
  if (builders === undefined) throw new AppError('invalid', 'Cannot read the CSV: it is empty.');
  return { rows, columns: builders.map((builder) => builder.finish()), sha256: hash.digest('hex') };
}

function headerFault(names: readonly string[]): string | undefined {
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  return twice === undefined ? undefined : `its header has more than one column ${twice}`;
}

class ColumnBuilder {
  readonly #column: string;
  #cells = 0;
  #numbers = 0;
  #grouped = 0;
  #areWhole = true;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #kept: number[] = [];
  /** One number in so many is kept. */
  #stride = 1;
  #texts: Map<string, number> | undefined = new Map();

  constructor(column: string) {
    this.#column = column;
  }

  add(text: string): void {
    if (text === '') return;
    this.#cells++;
    if (this.#texts !== undefined) {
      this.#texts.set(text, (this.#texts.get(text) ?? 0) + 1);
      if (this.#texts.size > MOST_TEXTS) this.#texts = undefined;
    }
    const value = NUMBER_TEXT.test(text) ? Number(text) + 0 : Number.NaN;
    if (Number.isFinite(value)) this.#addNumber(value);
    else if (isGroupedNumber(text)) this.#grouped++;
  }

  finish(): ColumnProfile {
    return {
      column: this.#column,
      cells: this.#cells,
      numbers: this.#numbers,
      grouped: this.#grouped,
      areWhole: this.#areWhole,
      min: this.#min,
      max: this.#max,
      sorted: Float64Array.from(this.#kept).sort(),
      texts: this.#texts,
    };
  }

  #addNumber(value: number): void {
    this.#areWhole &&= Number.isSafeInteger(value);
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    if (this.#numbers++ % this.#stride !== 0) return;
    this.#kept.push(value);
    if (this.#kept.length < MOST_KEPT) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }
}
