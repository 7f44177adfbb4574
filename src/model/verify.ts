import { gunzipSync } from 'node:zlib';
import { AppError, messageOf } from '../errors.ts';
import { flatten } from '../forest/flatten.ts';
import type { Forest } from '../forest/forest.ts';
import { checkForest, type ForestJson } from '../forest/format.ts';
import { compile } from '../forest/predict.ts';
import { loadReference, type ReferenceForest } from '../forest/reference.ts';
import { type Artifact, parseJson, parseManifest, verifyFile } from './artifact.ts';
import { Encoder } from './features.ts';
import { type Golden, goldenSchema } from './golden.ts';
import { FILES, type Manifest } from './manifest.ts';
import { Model } from './model.ts';
import { referenceSchema } from './reference.ts';

/** No forest of use is larger; a gzip bomb is. */
const MAX_FOREST_BYTES = 512 * 1024 * 1024;
/** Forest JSON shrinks six to ten times; what claims to have shrunk more than this is a bomb. */
const MAX_EXPANSION = 40;
const MAX_NODES = 5_000_000;
/** The library predicts and loads by recursion; a forest of use is 12 to 50 deep. */
const MAX_DEPTH = 500;

/**
 * Every check that stands between an artifact's bytes and a live model, in the order of the documentation:
 * sha256 of the manifest, sha256 of each file, structure, the library's own loader, flattening, golden replay
 * (bit for bit, against the library and against the flat forest).
 *
 * It is heavy (tens to hundreds of milliseconds) and so belongs in a worker: see load.ts.
 *
 * @throws AppError `corrupt` that says which check failed, on which file
 */
export function verifyArtifact(artifact: Artifact): { manifest: Manifest; forest: Forest } {
  const manifest = parseManifest(artifact);
  for (const file of manifest.files) verifyFile(artifact.version, file, artifact.files.get(file.path));
  const bytesOf = (path: string) => artifact.files.get(path) ?? new Uint8Array();
  const failed = (path: string) => `Cannot use ${path} of version ${artifact.version}`;

  const width = new Encoder(manifest).width;
  const json = openForest(failed(FILES.forest), bytesOf(FILES.forest), width);
  const golden = parseJson(failed(FILES.golden), bytesOf(FILES.golden), goldenSchema);
  parseJson(failed(FILES.reference), bytesOf(FILES.reference), referenceSchema);

  const forest = flatten(json, width);
  replay(failed(FILES.golden), manifest, golden, loadReference(json), forest);
  return { manifest, forest };
}

function openForest(failed: string, gzip: Uint8Array, width: number): ForestJson {
  const most = Math.min(MAX_FOREST_BYTES, Math.max(1_048_576, gzip.length * MAX_EXPANSION));
  let parsed: unknown;
  try {
    parsed = JSON.parse(gunzipSync(gzip, { maxOutputLength: most }).toString('utf8'));
  } catch (cause) {
    const tooLarge = (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    const why = tooLarge ? `it unpacks to more than ${most} bytes` : messageOf(cause);
    throw new AppError('corrupt', `${failed}: it is not gzip of JSON: ${why}.`, { cause });
  }
  try {
    return checkForest(parsed, { features: width, maxNodes: MAX_NODES, maxDepth: MAX_DEPTH });
  } catch (cause) {
    throw cause instanceof AppError
      ? new AppError(cause.code, `${failed}: ${cause.message}`, { cause })
      : cause;
  }
}

/** Only numbers that are the trainer's own, bit for bit, let a model pass. */
function replay(
  failed: string,
  manifest: Manifest,
  golden: Golden,
  library: ReferenceForest,
  forest: Forest,
): void {
  const model = new Model(manifest, '', compile(forest));
  for (const [i, row] of golden.rows.entries()) {
    const parsed = model.inputs.parse(row.inputs);
    if (!parsed.ok) throw new AppError('corrupt', `${failed}: row ${i}: ${parsed.errors[0]?.message}`);
    const [reference] = library.predict([Array.from(model.encode(parsed.inputs))]);
    if (!Object.is(reference, row.score)) {
      throw new AppError(
        'corrupt',
        `${failed}: row ${i}: ml-random-forest answers differently from the trainer.`,
      );
    }
    const prediction = model.predict(parsed.inputs);
    const [batch] = model.predictMany([parsed.inputs]);
    const same =
      Object.is(prediction.score, row.score) &&
      Object.is(prediction.amount, row.amount) &&
      Object.is(batch?.amount, row.amount);
    if (!same) {
      throw new AppError(
        'corrupt',
        `${failed}: row ${i}: the flat forest answers differently from the trainer.`,
      );
    }
  }
}
