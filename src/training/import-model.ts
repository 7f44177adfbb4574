import { type Examples, splitExamples } from '../dataset/examples.ts';
import { Random } from '../dataset/synthetic/random.ts';
import { outcomeOf } from '../dataset/outcome.ts';
import { readExamples } from '../dataset/read-examples.ts';
import type { ForestJson, NodeJson } from '../forest/format.ts';
import { importOnnx, onnxProducer } from '../forest/onnx/onnx.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import { FOREST_BOUNDS } from '../model/artifact/verify.ts';
import type { Manifest } from '../model/manifest.ts';
import { sha256 } from '../model/sha256.ts';
import { ACCEPTED_WORSE } from '../model/shortcomings.ts';
import { type BuildOptions, buildArtifact } from './build-artifact.ts';
import { checkNotDetermined } from './check-not-determined.ts';
import { readDescribed } from './description/described-data.ts';
import type { DescriptionFile } from './description/read-description.ts';
import { report, type ProgressHooks } from './progress.ts';
import { isPersonal } from './disclosure.ts';
import { withTrainedRanges } from './trained-ranges.ts';

/** The share of rows to calibrate, and to hold out; the rest set baselines, bands and the reference distribution. */
const SHARE = 0.4;
/** Decides what is drawn here, of a forest whose own seed is not known. */
const SEED = 42;

export interface ImportOptions extends ProgressHooks {
  /** The bytes of an ONNX file with a random forest over the columns of the encoding, in its order. */
  onnx: Uint8Array;
  /** Says what the model is. */
  by: ManifestOf | DescriptionOf;
  /** Begins to read rows that the forest was not trained on; called twice for a description. */
  csv: () => AsyncIterable<Uint8Array>;
  version?: string | undefined;
  now?: Date;
  gitSha?: string | undefined;
  acceptWorse?: boolean | undefined;
}

/** Name, inputs, target, trainer and data are taken from it, and nothing that is measured. */
interface ManifestOf {
  manifest: Manifest;
}

/** What it leaves out is taken from the rows, and what the forest is from the forest. */
interface DescriptionOf {
  description: DescriptionFile;
  /** What the CSV is called, for where the description names no source. */
  fileName: string;
}

/** What is known of a forest before it is measured. */
interface Known extends Pick<BuildOptions, 'description' | 'trainer' | 'data' | 'coverage' | 'interval'> {
  examples: Examples;
  forest: ForestJson;
}

/**
 * Makes an artifact of a forest that was trained elsewhere. Scores, interval, importances and reference distribution
 * are measured here on the CSV, whatever a manifest says of them.
 *
 * @throws AppError `invalid` when the file holds another kind of model, the CSV is bad or the forest worse than simple
 * rules on it; `corrupt` when it is damaged
 */
export async function importModel(options: ImportOptions): Promise<Artifact> {
  const { by, version, now = new Date(), gitSha, acceptWorse } = options;
  const hooks: ProgressHooks = { onProgress: options.onProgress, signal: options.signal };
  const known = 'manifest' in by ? await asInManifest(by, options) : await asDescribed(by, options);
  const { examples, forest, ...rest } = known;
  await report(hooks, { phase: 'data', done: examples.rows, total: examples.rows });
  const [fit, calibration, holdout] = splitExamples(examples, [SHARE, SHARE], new Random(known.trainer.seed));
  return buildArtifact({
    ...rest,
    forest: JSON.stringify(forest),
    parts: { fit, calibration, holdout },
    version: version ?? { prefix: 'onnx' },
    now,
    gitSha,
    acceptWorse,
    ...hooks,
  });
}

async function asInManifest(
  { manifest }: ManifestOf,
  { onnx, csv, onProgress }: ImportOptions,
): Promise<Known> {
  const { library, libraryVersion, seed, rows, options: trainerOptions } = manifest.trainer;
  // That was accepted of another forest.
  const { [ACCEPTED_WORSE]: _, ...stated } = trainerOptions;
  const forest = importOnnx(onnx, { features: manifest.encoding.length, ...FOREST_BOUNDS });
  const { examples, sha256: measuredOnSha256 } = await readExamples(
    csv(),
    manifest.features,
    outcomeOf(manifest.target),
    (done) => onProgress?.({ phase: 'data', done, total: undefined }),
  );
  return {
    description: manifest,
    examples,
    forest,
    trainer: {
      library,
      libraryVersion,
      seed,
      ...(rows === undefined ? {} : { rows }),
      options: { ...stated, onnxSha256: sha256(onnx), measuredOnSha256 },
    },
    data: manifest.data,
  };
}

async function asDescribed(
  { description: file, fileName }: DescriptionOf,
  { onnx, csv, onProgress }: ImportOptions,
): Promise<Known> {
  const onRows = (done: number) => onProgress?.({ phase: 'data', done, total: undefined });
  const { model, examples, sha256: measuredOnSha256 } = await readDescribed(file, csv, { onRows });
  checkNotDetermined(file, model.features, examples, examples);
  const forest = importOnnx(onnx, { features: model.encoding.length, ...FOREST_BOUNDS });
  const { name, version } = onnxProducer(onnx);
  const { data = {}, interval } = file.description;
  const { kind, year, source = fileName, licence = 'not stated' } = data;
  const { estimators } = forest.baseModel;
  return {
    description: withTrainedRanges(model, examples, isPersonal({ kind })),
    coverage: interval?.coverage,
    interval: interval?.method,
    examples,
    forest,
    trainer: {
      library: name === '' ? 'ONNX' : name,
      libraryVersion: version,
      seed: SEED,
      options: {
        nEstimators: estimators.length,
        maxDepth: Math.max(...estimators.map(({ root }) => depthOf(root))),
        onnxSha256: sha256(onnx),
        measuredOnSha256,
      },
    },
    data: {
      source,
      sha256: measuredOnSha256,
      licence,
      ...(kind === undefined ? {} : { kind }),
      ...(year === undefined ? {} : { year }),
    },
  };
}

/** Levels below the root. */
function depthOf(root: NodeJson): number {
  let deepest = 0;
  const open = [{ node: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    deepest = Math.max(deepest, depth);
    if (!('splitColumn' in node)) continue;
    open.push({ node: node.left, depth: depth + 1 }, { node: node.right, depth: depth + 1 });
  }
  return deepest;
}
