import type { Examples } from '../dataset/examples.ts';
import { AppError } from '../errors.ts';
import type { TrainingData } from '../forest/train/training-data.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import { Encoder } from '../model/encoder.ts';
import type { Manifest } from '../model/manifest.ts';
import { buildArtifact, type Identity, type Parts } from './build-artifact.ts';
import type { ModelDescription } from './model-description.ts';
import { type ForestOptions, growForest, libraryOptions, type Workers } from './grow-forest.ts';
import type { ProgressHooks } from './progress.ts';

export const DEFAULT_FOREST: ForestOptions = {
  trees: 100,
  depth: 12,
  nodeSize: 20,
  features: 1,
  seed: 42,
};

/** The ml-random-forest whose forests ours equal, byte for byte. */
const LIBRARY_VERSION = '2.1.0';

export interface TrainingOptions extends ProgressHooks, Identity {
  description: ModelDescription;
  parts: Parts;
  forest: ForestOptions;
  workers?: Workers | undefined;
  data: Manifest['data'];
  coverage?: number | undefined;
  /** The column that the examples' weights are from, when they have any. */
  weightColumn?: string | undefined;
  acceptWorse?: boolean | undefined;
}

/**
 * Turns rows into an artifact. The same options on the same day give the same version with the same forest.
 *
 * @throws AppError `invalid` when the rows cannot make a model
 * @throws the signal's reason when stopped
 */
export async function trainModel(options: TrainingOptions): Promise<Artifact> {
  const { fit } = options.parts;
  if (fit.rows === 0) throw new AppError('invalid', 'Cannot train: there are no rows.');
  const description = withTrainedRanges(options.description, fit);
  const encoder = new Encoder(description);
  const { treeOptions, seed, ...forestOptions } = libraryOptions(options.forest);
  const forest = await growForest(
    encode(encoder, description, fit),
    { ...forestOptions, treeOptions, seed },
    options.workers,
    options,
  );
  return buildArtifact({
    ...options,
    description,
    forest,
    trainer: {
      library: 'ml-random-forest',
      libraryVersion: LIBRARY_VERSION,
      options: {
        ...forestOptions,
        ...treeOptions,
        ...(options.weightColumn === undefined ? {} : { weightColumn: options.weightColumn }),
      },
      seed,
      rows: fit.rows,
    },
  });
}

/** The description with what of each feature and derived column was seen: it is these that the forest sees. */
export function withTrainedRanges(description: ModelDescription, examples: Examples) {
  const features = description.features.map((feature, f) => ({ ...feature, trained: rangeOf(examples, f) }));
  const encoder = new Encoder({ ...description, features });
  return { ...description, features, derived: withRanges(description.derived, encoder, examples) };
}

function withRanges(derived: Manifest['derived'], encoder: Encoder, { rows, inputs }: Examples) {
  const features = inputs.length / rows;
  const quantities = new Float64Array(encoder.names.length);
  const ranges = derived.map(() => ({ min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }));
  for (let row = 0; row < rows; row++) {
    quantities.set(inputs.subarray(row * features, (row + 1) * features));
    encoder.derive(quantities);
    for (const [i, range] of ranges.entries()) {
      range.min = Math.min(range.min, quantities[features + i]);
      range.max = Math.max(range.max, quantities[features + i]);
    }
  }
  return derived.map((column, i) => ({ ...column, trained: ranges[i] }));
}

/** The forest's columns and its target: the rate where the output is multiplied by a feature. */
function encode(encoder: Encoder, { features, target }: ModelDescription, examples: Examples): TrainingData {
  const width = features.length;
  const quantities = new Float64Array(encoder.names.length);
  const row = new Float64Array(encoder.width);
  const columns = Array.from(row, () => new Float64Array(examples.rows));
  const outputs = examples.target.slice();
  const scale = target.transform === 'identity' ? -1 : encoder.indexOf(target.transform.multiplyBy);
  for (let i = 0; i < examples.rows; i++) {
    quantities.set(examples.inputs.subarray(i * width, (i + 1) * width));
    encoder.encode(encoder.derive(quantities), row, 0);
    for (let c = 0; c < columns.length; c++) columns[c][i] = row[c];
    if (scale >= 0) outputs[i] /= quantities[scale];
  }
  return { columns, target: outputs, weights: examples.weights };
}

function rangeOf({ rows, inputs }: Examples, feature: number): { min: number; max: number } {
  const features = inputs.length / rows;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = feature; i < inputs.length; i += features) {
    min = Math.min(min, inputs[i]);
    max = Math.max(max, inputs[i]);
  }
  return { min, max };
}
