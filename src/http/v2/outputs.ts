import { AppError } from '../../errors.ts';
import type { Explanation } from '../../model/explanation.ts';
import type { Inputs } from '../../model/features.ts';
import type { Model } from '../../model/model.ts';
import type { Prediction } from '../../model/prediction.ts';
import type { InferRequest, OutputTensor } from './schemas.ts';

/** One of the tensors that a model gives: `[rows]`, or `[rows, columns]` when its columns have names. */
export interface Output {
  name: string;
  columns?: readonly string[];
  read(prediction: Prediction, inputs: Inputs): number | number[];
}

/**
 * The amount under the target's own name, the ends of its interval, and why: `contributions` of a row sum to its
 * amount.
 */
export function outputsOf(model: Model): readonly Output[] {
  let outputs = known.get(model);
  if (outputs === undefined) {
    outputs = describe(model);
    known.set(model, outputs);
  }
  return outputs;
}

const known = new WeakMap<Model, readonly Output[]>();

function describe(model: Model): readonly Output[] {
  const { manifest } = model;
  const outputs: Output[] = [
    { name: manifest.target.name, read: ({ amount }) => amount },
    { name: 'low', read: ({ interval }) => interval.low },
    { name: 'high', read: ({ interval }) => interval.high },
  ];
  const explain = (inputs: Inputs, prediction: Prediction) => model.explain(inputs, prediction);
  const defaults = model.inputs.defaults();
  const example = explain(defaults, model.predict(defaults));
  if (example === undefined) return outputs;
  const parts = example.parts.map(({ name }) => name).toSorted();
  const read = ({ base, parts: own, limit }: Explanation) => {
    const changes = new Map(own.map(({ name, change }) => [name, change]));
    return [base, ...parts.map((name) => changes.get(name)!), limit];
  };
  outputs.push({
    name: 'contributions',
    columns: ['base', ...parts, 'limit'],
    read: (prediction, inputs) => read(explain(inputs, prediction)!),
  });
  return outputs;
}

/**
 * The outputs that were asked for, in that order; all when none was.
 *
 * @throws AppError `invalid`
 */
export function askedOutputs(outputs: readonly Output[], asked: InferRequest['outputs']): readonly Output[] {
  if (!asked?.length) return outputs;
  return asked.map(({ name }, at) => {
    const found = outputs.find((output) => output.name === name);
    if (found !== undefined) return found;
    const names = outputs.map((output) => output.name).join(', ');
    throw new AppError('invalid', `Cannot predict: outputs[${at}] is none of this model's: ${names}.`);
  });
}

export function outputTensor(
  { name, columns, read }: Output,
  predictions: readonly Prediction[],
  inputs: readonly Inputs[],
): OutputTensor {
  return {
    name,
    shape: columns ? [predictions.length, columns.length] : [predictions.length],
    datatype: 'FP64',
    ...(columns && { parameters: { columns: columns.join(',') } }),
    data: predictions.flatMap((prediction, i) => read(prediction, inputs[i])),
  };
}
