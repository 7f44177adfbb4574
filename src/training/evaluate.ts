import { type Examples, inputsOf } from '../dataset/examples.ts';
import type { Model } from '../model/model.ts';
import { type Progress, report, type ProgressHooks } from './progress.ts';

/** Rows that are predicted at a time: this bounds memory, and how long a stop can take. */
const CHUNK_ROWS = 8192;

/** A model's predictions for many rows, as arrays of [rows]; amounts in the target's unit. */
export interface Evaluation {
  amount: Float64Array;
  unclamped: Float64Array;
  low: Float64Array;
  high: Float64Array;
  income: Float64Array;
}

/** Predicts every row, by the very code that will serve. */
export async function evaluate(
  model: Model,
  examples: Examples,
  phase: Progress['phase'],
  hooks: ProgressHooks,
): Promise<Evaluation> {
  const { rows } = examples;
  const evaluation: Evaluation = {
    amount: new Float64Array(rows),
    unclamped: new Float64Array(rows),
    low: new Float64Array(rows),
    high: new Float64Array(rows),
    income: new Float64Array(rows),
  };
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const end = Math.min(rows, start + CHUNK_ROWS);
    const batch = [];
    for (let row = start; row < end; row++) batch.push(inputsOf(model.inputs.features, examples, row));
    for (const [i, prediction] of model.predictMany(batch).entries()) {
      evaluation.amount[start + i] = prediction.amount;
      evaluation.unclamped[start + i] = prediction.unclamped;
      evaluation.low[start + i] = prediction.interval.low;
      evaluation.high[start + i] = prediction.interval.high;
      evaluation.income[start + i] = prediction.income;
    }
    await report(hooks, { phase, done: end, total: rows });
  }
  return evaluation;
}
