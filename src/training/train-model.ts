import { gzipSync } from 'node:zlib';
import type { Examples } from '../dataset/examples.ts';
import { meanOf, scoresOf } from '../dataset/scores.ts';
import { AppError } from '../errors.ts';
import { flatten } from '../forest/flatten.ts';
import { checkForest } from '../forest/format.ts';
import { compile } from '../forest/predict.ts';
import type { TrainingData } from '../forest/training-data.ts';
import type { Artifact } from '../model/artifact.ts';
import { Encoder } from '../model/features.ts';
import { type Feature, FILES, MANIFEST_FORMAT, type Manifest, manifestSchema } from '../model/manifest.ts';
import { Model } from '../model/model.ts';
import { sha256 } from '../model/sha256.ts';
import { assess } from './assess.ts';
import { modelCard } from './card.ts';
import type { ModelDescription } from './description.ts';
import { goldenOf } from './golden.ts';
import { type ForestOptions, growForest, libraryOptions, type Workers } from './grow-forest.ts';
import { importancesOf } from './importances.ts';
import { conformalBands, halfWidthsNeeded, incomeEdges, measureCoverage } from './interval.ts';
import { fitLinear } from './linear.ts';
import type { Progress, Watch } from './progress.ts';
import { referenceOf } from './reference.ts';

export const DEFAULT_FOREST: ForestOptions = {
  trees: 100,
  depth: 12,
  nodeSize: 20,
  features: 1,
  seed: 42,
};

/** The ml-random-forest whose forests ours equal, byte for byte. */
const LIBRARY_VERSION = '2.1.0';

const COVERAGE = 0.9;
const REVIEW_AFTER_MS = 180 * 24 * 3600 * 1000;

/** Rows for one purpose each; no row may be in two of them. */
export interface Parts {
  fit: Examples;
  /** Rows that set the width of the interval. */
  calibration: Examples;
  /** Rows that all published scores are of. */
  holdout: Examples;
}

export interface TrainingOptions extends Watch {
  description: ModelDescription;
  parts: Parts;
  forest: ForestOptions;
  workers?: Workers | undefined;
  data: Manifest['data'];
  /** The version's name, or what a name made of the date and the content begins with. */
  version: string | { prefix: string };
  now: Date;
  gitSha?: string | undefined;
}

/**
 * Turns rows into an artifact. The same options on the same day give the same version with the same forest.
 *
 * @throws AppError `invalid` when the rows cannot make a model
 * @throws the signal's reason when stopped
 */
export async function trainModel(options: TrainingOptions): Promise<Artifact> {
  const { description, parts } = options;
  const { fit, holdout } = parts;
  const { seed } = options.forest;
  for (const [name, part] of Object.entries(parts) as [string, Examples][]) {
    if (part.rows === 0) throw new AppError('invalid', `Cannot train: there are no rows for ${name}`);
  }
  const features = description.features.map((feature, f) => ({ ...feature, trained: rangeOf(fit, f) }));
  const encoder = new Encoder({ ...description, features });
  const json = await growForest(
    encode(encoder, description, fit),
    libraryOptions(options.forest),
    options.workers,
    options,
  );
  const forestBytes = Buffer.from(json);
  const forest = checkForest(JSON.parse(json), { features: encoder.width });
  const evaluator = compile(flatten(forest, encoder.width));

  const draft = draftManifest(options, features, sha256(forestBytes));
  draft.interval.bands = await calibrate(new Model(draft, '', evaluator), parts, options);
  const model = new Model(draft, '', evaluator);
  const scored = await assess(model, holdout, 'scores', options);
  draft.metrics.model = scoresOf(scored.amount, holdout.target);
  Object.assign(
    draft.interval,
    measureCoverage(draft.interval.bands, scored, holdout.target, roundingSlack(draft)),
  );
  draft.importances = await importancesOf(model, holdout, seed, options);

  const files = new Map<string, Uint8Array>([
    [FILES.forest, gzipSync(forestBytes)],
    [FILES.reference, jsonBytes(referenceOf(features, fit))],
    [FILES.golden, jsonBytes(goldenOf(model, forest, holdout, seed))],
    [FILES.card, Buffer.from(modelCard(draft))],
  ]);
  const manifest = manifestSchema.parse({
    ...draft,
    files: [...files].map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
  });
  const manifestBytes = jsonBytes(manifest);
  files.set(FILES.manifest, manifestBytes);
  return { manifest, manifestSha256: sha256(manifestBytes), files };
}

/** The manifest before anything was measured; its interval is without end, so that predictions show the clamp's own. */
function draftManifest(options: TrainingOptions, features: Feature[], forestSha: string): Manifest {
  const { description, parts, now, gitSha, data } = options;
  const { treeOptions, seed, ...forestOptions } = libraryOptions(options.forest);
  return {
    format: MANIFEST_FORMAT,
    name: description.name,
    version: versionOf(options, forestSha),
    createdAt: now.toISOString(),
    reviewBy: new Date(now.getTime() + REVIEW_AFTER_MS).toISOString(),
    ...(gitSha === undefined ? {} : { gitSha }),
    features,
    derived: description.derived,
    encoding: description.encoding,
    target: description.target,
    trainer: {
      library: 'ml-random-forest',
      libraryVersion: LIBRARY_VERSION,
      options: { ...forestOptions, ...treeOptions },
      seed,
      rows: parts.fit.rows,
      calibrationRows: parts.calibration.rows,
      holdoutRows: parts.holdout.rows,
    },
    data,
    metrics: { model: { mae: 0, rmse: 0, r2: 0 }, ...baselines(features, parts) },
    importances: [],
    interval: {
      method: 'split-conformal',
      coverage: COVERAGE,
      measuredCoverage: 0,
      bands: [{ below: null, quantile: Number.POSITIVE_INFINITY, measuredCoverage: 0, rows: 0 }],
    },
    files: [],
  };
}

/** The forest's columns and its target: the rate where the answer is multiplied by a feature. */
function encode(encoder: Encoder, { features, target }: ModelDescription, examples: Examples): TrainingData {
  const width = features.length;
  const quantities = new Float64Array(encoder.names.length);
  const row = new Float64Array(encoder.width);
  const columns = Array.from(row, () => new Float64Array(examples.rows));
  const scores = examples.target.slice();
  const scale = target.transform === 'identity' ? -1 : encoder.indexOf(target.transform.multiplyBy);
  for (let i = 0; i < examples.rows; i++) {
    quantities.set(examples.inputs.subarray(i * width, (i + 1) * width));
    encoder.encode(encoder.derive(quantities), row, 0);
    for (let c = 0; c < columns.length; c++) columns[c][i] = row[c];
    if (scale >= 0) scores[i] /= quantities[scale];
  }
  return { columns, target: scores };
}

/**
 * Half-widths by income. The bands come from the rows of the fit, so that they are settled before the calibration
 * rows are looked at, and these alone say how wide each is.
 */
async function calibrate(unbounded: Model, { fit, calibration }: Parts, watch: Watch) {
  const { transform } = unbounded.manifest.target;
  const slack = roundingSlack(unbounded.manifest);
  const errorsOf = async (examples: Examples, phase: Progress['phase']) => {
    const answers = await assess(unbounded, examples, phase, watch);
    const scores = halfWidthsNeeded(answers, examples.target, slack);
    if (transform !== 'identity') {
      const features = unbounded.inputs.features;
      const at = features.findIndex(({ name }) => name === transform.multiplyBy);
      for (let i = 0; i < scores.length; i++) scores[i] /= examples.inputs[i * features.length + at];
    }
    return { income: answers.income, scores };
  };
  const seen = await errorsOf(fit, 'bands');
  const unseen = await errorsOf(calibration, 'calibration');
  const edges = incomeEdges(seen.income, seen.scores, COVERAGE);
  return conformalBands(edges, unseen.income, unseen.scores, COVERAGE).map((band) => ({
    ...band,
    measuredCoverage: 0,
    rows: 0,
  }));
}

/** Files hold amounts with two decimals, so what is left over of them can be off by half of the last for each. */
function roundingSlack({ features }: Pick<Manifest, 'features'>): number {
  return 0.005 * (features.filter(({ role }) => role !== 'other').length + 1);
}

function baselines(
  features: Feature[],
  { fit, holdout }: Parts,
): Pick<Manifest['metrics'], 'mean' | 'linear'> {
  const mean = new Float64Array(holdout.rows).fill(meanOf(fit.target));
  return {
    mean: scoresOf(mean, holdout.target),
    linear: scoresOf(fitLinear(features, fit)(holdout), holdout.target),
  };
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

/** Such as `sample-20261123-1a2b3c4d`: the day, and a hash of everything the content follows from. */
function versionOf({ version, now, description, forest, data }: TrainingOptions, forestSha: string): string {
  if (typeof version === 'string') return version;
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const content = sha256(Buffer.from(JSON.stringify([description, forest, data, forestSha])));
  return `${version.prefix}-${day}-${content.slice(0, 8)}`;
}

const jsonBytes = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
