import type { Model } from '../model/model.ts';
import { readCsv } from './csv-reader.ts';
import { RowReader } from './row-reader.ts';
import { CsvPredictor, type PredictHooks, tooManyRows } from './csv-predictor.ts';

export interface PredictCsvOptions {
  /** Leaves bad rows in their places, without predictions and with a column that says what is wrong. */
  keepBadRows?: boolean;
  /** The most rows, good and bad together. */
  maxRows?: number;
}

/**
 * Predicts a CSV as it comes, in constant memory: each good row as it was, with three columns more. Bad rows are
 * reported, and left out or kept.
 *
 * @returns CSV text, in pieces; the header is the first
 * @throws AppError `invalid` when the header does not fit the model, or the bytes are not UTF-8; `too_large` when
 * there are more rows than `maxRows`
 */
export async function* predictCsv(
  source: AsyncIterable<Uint8Array>,
  model: Model,
  hooks: PredictHooks,
  options: PredictCsvOptions = {},
): AsyncGenerator<string, void, void> {
  const { maxRows = Number.POSITIVE_INFINITY } = options;
  let predictor: CsvPredictor | undefined;
  let count = 0;
  for await (const records of readCsv(source)) {
    let rows = records;
    if (predictor === undefined) {
      predictor = new CsvPredictor(
        new RowReader(records[0], model.inputs),
        model,
        hooks,
        options.keepBadRows,
      );
      yield predictor.header;
      rows = records.slice(1);
    }
    const { rowsPerBatch } = predictor;
    for (let start = 0; start < rows.length; start += rowsPerBatch) {
      const batch = rows.slice(start, Math.min(start + rowsPerBatch, start + maxRows - count));
      const lines = predictor.predict(batch);
      if (lines !== '') yield lines;
      count += batch.length;
      if (count >= maxRows && start + batch.length < rows.length) {
        throw tooManyRows(maxRows);
      }
    }
  }
  // Throws the error of an empty file.
  if (predictor === undefined) new RowReader(undefined, model.inputs);
}
