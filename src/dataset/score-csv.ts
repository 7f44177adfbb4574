import { AppError } from '../errors.ts';
import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import { type CsvRecord, readCsv } from './csv.ts';
import { csvCell } from './csv-cell.ts';
import { type RowFault, RowReader } from './row-reader.ts';

/** What scoring adds to every row: the amount, and the ends of its interval, in the target's unit. */
export const SCORE_COLUMNS = ['prediction', 'low', 'high'];

const ROWS_PER_BATCH = 1024;

export interface ScoreHooks {
  onFault(fault: RowFault): void;
  /** Rows scored, of each batch. */
  onScored?: (rows: number) => void;
}

/**
 * Scores a CSV as it comes, in constant memory: each good row as it was, with three columns more. Bad rows are left
 * out and told of.
 *
 * @returns CSV text, in pieces
 * @throws AppError `invalid` when the header does not fit the model, or the bytes are not UTF-8
 */
export async function* scoreCsv(
  source: AsyncIterable<Uint8Array>,
  model: Model,
  hooks: ScoreHooks,
): AsyncGenerator<string, void, void> {
  let reader: RowReader | undefined;
  for await (const records of readCsv(source)) {
    let rows = records;
    if (reader === undefined) {
      reader = new RowReader(records[0], model.inputs);
      checkNoScores(reader.header);
      yield csvLine([...reader.header, ...SCORE_COLUMNS]);
      rows = records.slice(1);
    }
    for (let start = 0; start < rows.length; start += ROWS_PER_BATCH) {
      const lines = scoreBatch(rows.slice(start, start + ROWS_PER_BATCH), reader, model, hooks);
      if (lines !== '') yield lines;
    }
  }
  // Throws the error of an empty file.
  if (reader === undefined) new RowReader(undefined, model.inputs);
}

function scoreBatch(records: CsvRecord[], reader: RowReader, model: Model, hooks: ScoreHooks): string {
  const good: CsvRecord[] = [];
  const inputs: Inputs[] = [];
  for (const record of records) {
    const row = reader.read(record);
    if (row.ok) {
      good.push(record);
      inputs.push(row.inputs);
    } else {
      hooks.onFault(row.fault);
    }
  }
  const lines = model.predictMany(inputs).map(({ amount, interval }, i) => {
    const scores = [amount, interval.low, interval.high].map((value) => value.toFixed(2));
    return csvLine([...good[i].fields, ...scores]);
  });
  hooks.onScored?.(lines.length);
  return lines.join('');
}

function checkNoScores(header: readonly string[]): void {
  const taken = SCORE_COLUMNS.filter((column) => header.includes(column));
  if (taken.length === 0) return;
  throw new AppError(
    'invalid',
    `Cannot score the CSV: it has a column ${taken.join(', ')} already; rename or remove it.`,
  );
}

const csvLine = (fields: readonly string[]) => `${fields.map(csvCell).join(',')}\n`;
