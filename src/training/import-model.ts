import { splitExamples } from '../dataset/examples.ts';
import { Random } from '../dataset/synthetic/random.ts';
import { outcomeOf } from '../dataset/outcome.ts';
import { readExamples } from '../dataset/read-examples.ts';
import { importOnnx } from '../forest/onnx/onnx.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import { FOREST_BOUNDS } from '../model/artifact/verify.ts';
import type { Manifest } from '../model/manifest.ts';
import { sha256 } from '../model/sha256.ts';
import { ACCEPTED_WORSE } from '../model/shortcomings.ts';
import { buildArtifact } from './build-artifact.ts';
import { report, type ProgressHooks } from './progress.ts';

/** The share of rows to calibrate, and to hold out; the rest set baselines, bands and the reference distribution. */
const SHARE = 0.4;

export interface ImportOptions extends ProgressHooks {
  /** The bytes of an ONNX file with a random forest over the manifest's encoding, in its order. */
  onnx: Uint8Array;
  /** Says what the model is: name, inputs, target, trainer and data are taken from it, and nothing that is measured. */
  manifest: Manifest;
  /** Rows that the forest was not trained on. */
  csv: AsyncIterable<Uint8Array>;
  version?: string | undefined;
  now?: Date;
  gitSha?: string | undefined;
  acceptWorse?: boolean | undefined;
}

/**
 * Makes an artifact of a forest that was trained elsewhere. Scores, interval, importances and reference distribution
 * are measured here on the CSV, whatever the manifest says of them.
 *
 * @throws AppError `invalid` when the file holds another kind of model, the CSV is bad or the forest worse than simple
 * rules on it; `corrupt` when it is damaged
 */
export async function importModel(options: ImportOptions): Promise<Artifact> {
  const { onnx, manifest, version, now = new Date(), gitSha } = options;
  const hooks: ProgressHooks = { onProgress: options.onProgress, signal: options.signal };
  const { library, libraryVersion, seed, rows, options: trainerOptions } = manifest.trainer;
  // That was accepted of another forest.
  const { [ACCEPTED_WORSE]: _, ...stated } = trainerOptions;
  const forest = importOnnx(onnx, { features: manifest.encoding.length, ...FOREST_BOUNDS });
  const { examples, sha256: csvSha256 } = await readExamples(
    options.csv,
    manifest.features,
    outcomeOf(manifest.target),
    (done) => options.onProgress?.({ phase: 'data', done, total: undefined }),
  );
  await report(hooks, { phase: 'data', done: examples.rows, total: examples.rows });
  const [fit, calibration, holdout] = splitExamples(examples, [SHARE, SHARE], new Random(seed));
  return buildArtifact({
    description: manifest,
    forest: JSON.stringify(forest),
    parts: { fit, calibration, holdout },
    trainer: {
      library,
      libraryVersion,
      seed,
      rows,
      options: { ...stated, onnxSha256: sha256(onnx), measuredOnSha256: csvSha256 },
    },
    data: manifest.data,
    version: version ?? { prefix: 'onnx' },
    now,
    gitSha,
    acceptWorse: options.acceptWorse,
    ...hooks,
  });
}
