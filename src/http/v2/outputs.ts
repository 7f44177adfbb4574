import { AppError } from '../../errors.ts';
import type { Model, Prediction } from '../../model/model.ts';
import type { InferRequest, OutputTensor } from './schemas.ts';

/** One of the tensors that a model answers with: `[rows]`, one number a row. */
export interface Output {
  name: string;
  /** The tensor's shape but for the rows. */
  rest: number[];
  read(prediction: Prediction): number;
}

/** The amount under the target's own name, and the ends of its interval. */
export function outputsOf({ manifest }: Model): Output[] {
  return [
    { name: manifest.target.name, rest: [], read: ({ amount }) => amount },
    { name: 'low', rest: [], read: ({ interval }) => interval.low },
    { name: 'high', rest: [], read: ({ interval }) => interval.high },
  ];
}

/**
 * What was asked for, in that order; all when nothing was.
 *
 * @throws AppError `invalid`
 */
export function askedOutputs(outputs: Output[], asked: InferRequest['outputs']): Output[] {
  return (
    asked?.map(({ name }, at) => {
      const found = outputs.find((output) => output.name === name);
      if (found !== undefined) return found;
      const names = outputs.map((output) => output.name).join(', ');
      throw new AppError('invalid', `Cannot predict: outputs[${at}] is none of this model's: ${names}.`);
    }) ?? outputs
  );
}

export function outputTensor(output: Output, predictions: readonly Prediction[]): OutputTensor {
  return {
    name: output.name,
    shape: [predictions.length, ...output.rest],
    datatype: 'FP64',
    data: predictions.map(output.read),
  };
}
