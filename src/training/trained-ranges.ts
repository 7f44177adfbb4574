import type { Examples } from '../dataset/examples.ts';
import { Encoder } from '../model/encoder.ts';
import { publishedRange, sortedValues } from './disclosure.ts';
import type { ModelDescription } from './model-description.ts';

/**
 * The description with what of each feature and derived column was seen: it is these that the forest sees.
 *
 * @param personal whether the examples can be people: then the ranges leave the outermost ones out
 */
export function withTrainedRanges(description: ModelDescription, examples: Examples, personal: boolean) {
  const features = description.features.map((feature, f) => ({
    ...feature,
    trained: publishedRange(sortedValues(examples, f), feature.kind !== 'number', personal),
  }));
  const encoder = new Encoder({ ...description, features });
  const columns = derivedColumns(encoder, features.length, examples);
  const derived = description.derived.map((column, i) => ({
    ...column,
    trained: publishedRange(columns[i].sort(), false, personal),
  }));
  return { ...description, features, derived };
}

/** [derived][rows] */
function derivedColumns(encoder: Encoder, features: number, { rows, inputs }: Examples): Float64Array[] {
  const quantities = new Float64Array(encoder.names.length);
  const columns = Array.from({ length: quantities.length - features }, () => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    quantities.set(inputs.subarray(row * features, (row + 1) * features));
    encoder.derive(quantities);
    for (let i = 0; i < columns.length; i++) columns[i][row] = quantities[features + i];
  }
  return columns;
}
