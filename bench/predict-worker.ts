import type { Forest } from '../src/forest/forest.ts';
import { compile, type Evaluator } from '../src/forest/predict.ts';
import { FEATURES } from './households.ts';

/** One worker's share of a batch: memory that all of them see, and its rows in it. */
export interface Share {
  rows: Float64Array;
  answers: Float64Array;
  from: number;
  to: number;
}

let evaluator: Evaluator | undefined;

self.onmessage = ({ data: message }: MessageEvent<Forest | Share>) => {
  if ('nodes' in message) {
    evaluator = compile(message);
  } else {
    const { rows, answers, from, to } = message;
    const own = rows.subarray(from * FEATURES, to * FEATURES);
    evaluator?.predictBatch(own, to - from, answers.subarray(from, to));
  }
  self.postMessage('done');
};
