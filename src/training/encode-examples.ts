import type { Examples } from '../dataset/examples.ts';
import type { TrainingData } from '../forest/train/training-data.ts';
import { Encoder } from '../model/encoder.ts';
import type { Manifest } from '../model/manifest.ts';

/**
 * The forest's columns and its target: the rate where the output is multiplied by a feature. They are in memory that threads
 * share.
 */
export function encodeExamples(
  description: Pick<Manifest, 'features' | 'derived' | 'encoding' | 'target'>,
  examples: Examples,
): TrainingData {
  const { features, target } = description;
  const encoder = new Encoder(description);
  const width = features.length;
  const quantities = new Float64Array(encoder.names.length);
  const row = new Float64Array(encoder.width);
  const shared = () => new Float64Array(new SharedArrayBuffer(8 * examples.rows));
  const columns = Array.from(row, shared);
  const outputs = shared();
  outputs.set(examples.target);
  const scale = target.transform === 'identity' ? -1 : encoder.indexOf(target.transform.multiplyBy);
  for (let i = 0; i < examples.rows; i++) {
    quantities.set(examples.inputs.subarray(i * width, (i + 1) * width));
    encoder.encode(encoder.derive(quantities), row, 0);
    for (let c = 0; c < columns.length; c++) columns[c][i] = row[c];
    if (scale >= 0) outputs[i] /= quantities[scale];
  }
  return { columns, target: outputs, weights: examples.weights };
}
