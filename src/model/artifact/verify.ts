import { gunzipSync } from 'node:zlib';
import { flatten } from '../../forest/flatten.ts';
import type { Forest } from '../../forest/forest.ts';
import { checkForest, type ForestJson } from '../../forest/format.ts';
import { compile } from '../../forest/predict.ts';
import { type LibraryForest, loadLibraryForest } from '../../forest/library-forest.ts';
import { type Artifact, checkFile, checkManifestSha256, parseManifest } from './artifact.ts';
import { Encoder } from '../encoder.ts';
import { type Golden, goldenSchema } from './golden.ts';
import { FILES, type Manifest } from '../manifest.ts';
import { Model } from '../model.ts';
import { parseJson } from '../parse-json.ts';
import {
  checkReferenceDistribution,
  type Reference,
  referenceDistributionSchema,
} from '../reference-distribution.ts';
import { sha256 } from '../sha256.ts';
import { unusable } from '../unusable.ts';

/** No useful forest is larger; a gzip bomb is. */
const MAX_FOREST_BYTES = 512 * 1024 * 1024;
/** Forest JSON shrinks six to ten times; what claims to have shrunk more than this is a bomb. */
const MAX_EXPANSION = 40;
/** The library predicts and loads by recursion; a useful forest is 12 to 50 levels deep. */
export const FOREST_BOUNDS = { maxNodes: 5_000_000, maxDepth: 500 };

/** What an artifact holds once every check has passed. */
export interface Verified {
  manifest: Manifest;
  forest: Forest;
  reference: Reference;
  golden: Golden;
}

/**
 * Every check that stands between an artifact's bytes and a live model, in the order of the documentation:
 * sha256 of the manifest, sha256 of each file, structure, the library's own loader, flattening, golden replay
 * (bit for bit, against the library and against the flat forest). Whoever fetched them is not trusted.
 *
 * It is heavy (tens to hundreds of milliseconds) and so belongs in a worker: see load.ts.
 *
 * @throws AppError `corrupt` that says which check failed, on which file
 */
export function verifyArtifact(artifact: Artifact): Verified {
  const { files, manifestSha256 } = artifact;
  const where = `version ${artifact.manifest.version}`;
  const bytesOf = (path: string) => {
    const bytes = files.get(path);
    if (bytes === undefined) throw unusable(where, `${path} is missing`);
    return bytes;
  };
  checkManifestSha256(sha256(bytesOf(FILES.manifest)), manifestSha256, where);
  const manifest = parseManifest(bytesOf(FILES.manifest), artifact.manifest.version, where);
  for (const declared of manifest.files) checkFile(declared, bytesOf(declared.path), where);

  const width = new Encoder(manifest).width;
  const json = openForest(bytesOf(FILES.forest), width, where);
  const golden = parseJson(goldenSchema, bytesOf(FILES.golden), `${FILES.golden} of ${where}`);
  const reference = parseJson(
    referenceDistributionSchema,
    bytesOf(FILES.reference),
    `${FILES.reference} of ${where}`,
  );
  checkReferenceDistribution(reference, manifest.features, where);

  const forest = flatten(json, width);
  replay(manifest, golden, loadLibraryForest(json), forest);
  return { manifest, forest, reference, golden };
}

function openForest(gzip: Uint8Array, width: number, where: string): ForestJson {
  const what = `${FILES.forest} of ${where}`;
  const most = Math.min(MAX_FOREST_BYTES, Math.max(1_048_576, gzip.length * MAX_EXPANSION));
  let parsed: unknown;
  try {
    parsed = JSON.parse(gunzipSync(gzip, { maxOutputLength: most }).toString('utf8'));
  } catch (cause) {
    const tooLarge = (cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
    const why = tooLarge ? `it unpacks to more than ${most} bytes` : 'it is not gzip of JSON';
    throw unusable(what, why, { cause });
  }
  return checkForest(parsed, { features: width, ...FOREST_BOUNDS }, what);
}

/** Only numbers that are the trainer's own, bit for bit, let a model pass. */
function replay(manifest: Manifest, golden: Golden, library: LibraryForest, forest: Forest): void {
  const model = new Model(manifest, '', compile(forest));
  for (const [i, row] of golden.rows.entries()) {
    const what = `${FILES.golden} of version ${manifest.version}`;
    const fail = (fault: string) => unusable(what, `row ${i}: ${fault}`);
    const parsed = model.inputs.parse(row.inputs);
    if (!parsed.ok)
      throw fail(`its inputs are refused: ${parsed.errors.map(({ field }) => field).join(', ')}`);
    const [output] = library.predict([Array.from(model.encode(parsed.inputs))]);
    if (!Object.is(output, row.score)) throw fail('ml-random-forest predicts otherwise than the trainer');
    const one = model.predict(parsed.inputs);
    const [many] = model.predictMany([parsed.inputs]);
    const same = Object.is(one.output, row.score) && Object.is(one.amount, row.amount);
    if (!same || !Object.is(many?.amount, row.amount)) {
      throw fail('the flat forest predicts otherwise than the trainer');
    }
  }
}
