import { type Examples, inputsOf } from '../dataset/examples.ts';
import type { Model } from '../model/model.ts';
import { type Progress, report, type ProgressHooks } from './progress.ts';

/** Rows predicted at a time: bounds memory, and how long a stop can take. */
const CHUNK_ROWS = 8192;

/** A model's answers for many rows, as arrays of [rows]; amounts in the target's unit. */
export interface Evaluation {
  amount: Float64Array;
  unclamped: Float64Array;
  low: Float64Array;
  high: Float64Array;
  income: Float64Array;
}

/** Asks the model about every row, by the very code that will serve. */
export async function evaluate(
  model: Model,
  examples: Examples,
  phase: Progress['phase'],
  hooks: ProgressHooks,
): Promise<Evaluation> {
  const { rows } = examples;
  const assessment: Evaluation = {
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
      assessment.amount[start + i] = prediction.amount;
      assessment.unclamped[start + i] = prediction.unclamped;
      assessment.low[start + i] = prediction.interval.low;
      assessment.high[start + i] = prediction.interval.high;
      assessment.income[start + i] = prediction.income;
    }
    await report(hooks, { phase, done: end, total: rows });
  }
  return assessment;
}
