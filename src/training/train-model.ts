import { AppError } from '../errors.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import type { IntervalMethod, Manifest } from '../model/manifest.ts';
import { isPersonal, LEAST_ROWS } from './disclosure.ts';
import { withTrainedRanges } from './trained-ranges.ts';
import { buildArtifact, type Identity, type Parts } from './build-artifact.ts';
import { encodeExamples } from './encode-examples.ts';
import type { ModelDescription } from './model-description.ts';
import { type ForestOptions, growForest, libraryOptions, type Workers } from './grow-forest.ts';
import type { ProgressHooks } from './progress.ts';
import { VERSION } from '../version.ts';

export const DEFAULT_FOREST: ForestOptions = {
  trees: 100,
  depth: 12,
  nodeSize: 20,
  leafRows: 1,
  features: 1,
  seed: 42,
};

/** The ml-random-forest whose forests ours equal, byte for byte. */
const LIBRARY_VERSION = '2.1.0';

export interface TrainingOptions extends ProgressHooks, Identity {
  description: ModelDescription;
  parts: Parts;
  /** Rows that can be people get leaves of ten rows at least, whatever it says. */
  forest: ForestOptions;
  workers?: Workers | undefined;
  data: Manifest['data'];
  coverage?: number | undefined;
  /** The column that the examples' weights are from, when they have any. */
  weightColumn?: string | undefined;
  acceptWorse?: boolean | undefined;
  interval?: IntervalMethod | undefined;
}

/**
 * Turns rows into an artifact. The same options on the same day give the same version with the same forest.
 *
 * @throws AppError `invalid` when the rows cannot make a model
 * @throws the signal's reason when stopped
 */
export async function trainModel(options: TrainingOptions): Promise<Artifact> {
  const { fit } = options.parts;
  const personal = isPersonal(options.data);
  if (fit.rows === 0) throw new AppError('invalid', 'Cannot train: there are no rows.');
  const description = withTrainedRanges(options.description, fit, personal);
  const leafRows = Math.max(options.forest.leafRows, personal ? LEAST_ROWS : 1);
  const { treeOptions, seed, minSamplesLeaf, method, ...forestOptions } = libraryOptions(
    { ...options.forest, leafRows },
    fit.rows,
  );
  const encoded = encodeExamples(description, fit);
  const forest = await growForest(
    encoded,
    { ...forestOptions, treeOptions, minSamplesLeaf, seed, method },
    options.workers,
    options,
  );
  return buildArtifact({
    ...options,
    description,
    forest,
    encoded,
    trainer: {
      ...(method === 'exact'
        ? { library: 'ml-random-forest', libraryVersion: LIBRARY_VERSION }
        : { library: 'savings', libraryVersion: VERSION }),
      method: { name: method, chosenBy: options.forest.method === undefined ? 'rows' : 'option' },
      options: {
        ...forestOptions,
        ...treeOptions,
        ...(minSamplesLeaf === 1 ? {} : { minSamplesLeaf }),
        ...(options.weightColumn === undefined ? {} : { weightColumn: options.weightColumn }),
      },
      seed,
      rows: fit.rows,
    },
  });
}
