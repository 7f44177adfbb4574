import { gzipSync } from 'node:zlib';
import type { Examples } from '../dataset/examples.ts';
import { scoresOf } from '../dataset/scores.ts';
import { AppError } from '../errors.ts';
import { flatten } from '../forest/flatten.ts';
import { checkForest } from '../forest/format.ts';
import type { TrainingData } from '../forest/train/training-data.ts';
import { addLeafQuantiles } from '../forest/train/leaf-quantiles.ts';
import { compile } from '../forest/predict.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import { FILES, type IntervalMethod, type Manifest, manifestSchema } from '../model/manifest.ts';
import { formatOf } from '../model/manifest-format.ts';
import { Model } from '../model/model.ts';
import { sha256 } from '../model/sha256.ts';
import { ACCEPTED_WORSE } from '../model/shortcomings.ts';
import { fitBaselines } from './baselines.ts';
import { evaluate } from './evaluate.ts';
import { modelCard } from './card.ts';
import { checkWorth } from './check-worth.ts';
import { isPersonal } from './disclosure.ts';
import { encodeExamples } from './encode-examples.ts';
import { goldenOf } from './golden.ts';
import { importancesOf } from './importances.ts';
import { calibrate, roundingSlack } from './calibrate.ts';
import { coverageByTenth, measureCoverage } from './interval.ts';
import type { ProgressHooks } from './progress.ts';
import { referenceDistributionOf } from './reference-distribution.ts';

const COVERAGE = 0.9;
/** The narrower one at the same coverage: see docs/decisions/0041-intervals-from-the-leaves.md. */
export const DEFAULT_INTERVAL: IntervalMethod = 'conformal-quantiles';
const REVIEW_AFTER_MS = 180 * 24 * 3600 * 1000;

/** Rows for one purpose each; no row may be in two of them. */
export interface Parts {
  /** Rows that the forest learned from, or of the same kind: for baselines, bands and the reference distribution. */
  fit: Examples;
  /** Rows that set the width of the interval. */
  calibration: Examples;
  /** Rows on which all published scores are measured. */
  holdout: Examples;
}

/** What one version is called and when it was made. */
export interface Identity {
  /** Its name, or what a name made of the date and the content begins with. */
  version: string | { prefix: string };
  now: Date;
  gitSha?: string | undefined;
}

export interface BuildOptions extends ProgressHooks, Identity {
  description: Pick<Manifest, 'name' | 'features' | 'derived' | 'encoding' | 'rules' | 'examples' | 'target'>;
  /** The forest's JSON, as it will be in the artifact. */
  forest: string;
  parts: Parts;
  /** The rows of the fit as the forest sees them, where they are at hand. */
  encoded?: TrainingData;
  trainer: Omit<Manifest['trainer'], 'calibrationRows' | 'holdoutRows'>;
  data: Manifest['data'];
  /** How often the interval is to hold; 0.9 where left out. */
  coverage?: number | undefined;
  /** Accepts a forest that `checkWorth` would refuse; the trainer's options and the card then say so. */
  acceptWorse?: boolean | undefined;
  interval?: IntervalMethod | undefined;
}

/**
 * Measures a forest and makes an artifact of it. Whatever the artifact says of the forest was measured here, by the
 * code that will serve it.
 *
 * @throws AppError `invalid` when the rows are too few or do not fit the model, or when the forest is worse than simple
 * rules; `corrupt` when it is no forest
 * @throws the signal's reason when stopped
 */
export async function buildArtifact(options: BuildOptions): Promise<Artifact> {
  const { description, parts } = options;
  const { fit, holdout } = parts;
  const { seed } = options.trainer;
  const personal = isPersonal(options.data);
  for (const [name, part] of Object.entries(parts) as [string, Examples][]) {
    if (part.rows === 0) throw new AppError('invalid', `Cannot make a model: there are no rows for ${name}.`);
  }
  const width = description.encoding.length;
  const forest = checkForest(JSON.parse(options.forest), { features: width });
  const draft = draftManifest(options);
  const byQuantiles = draft.interval.method === 'conformal-quantiles';
  if (byQuantiles)
    addLeafQuantiles(
      forest,
      options.encoded ?? encodeExamples(description, fit),
      levelsOf(draft.interval.coverage),
    );
  const evaluator = compile(flatten(forest, width));

  draft.interval.bands = await calibrate(draft, evaluator, parts, options);
  const model = new Model(draft, '', evaluator);
  const evaluation = await evaluate(model, holdout, 'scores', options);
  draft.metrics.model = scoresOf(evaluation.amount, holdout.target, holdout.weights);
  const accepted = checkWorth(draft, evaluation, options.acceptWorse ?? false);
  if (accepted.length > 0) draft.trainer.options = { ...draft.trainer.options, [ACCEPTED_WORSE]: true };
  Object.assign(
    draft.interval,
    measureCoverage(draft.interval.bands, evaluation, holdout, roundingSlack(draft)),
    { tenths: coverageByTenth(evaluation, holdout, roundingSlack(draft)) },
  );
  draft.importances = await importancesOf(model, holdout, seed, options);

  const files = new Map<string, Uint8Array>([
    [FILES.forest, gzipSync(byQuantiles ? JSON.stringify(forest) : options.forest)],
    [FILES.reference, jsonBytes(referenceDistributionOf(description.features, fit, personal))],
    [FILES.golden, jsonBytes(goldenOf(model, forest, holdout, seed, personal))],
    [FILES.card, Buffer.from(modelCard(draft, accepted))],
  ]);
  const manifest = manifestSchema.parse({
    ...draft,
    format: formatOf(draft),
    files: [...files].map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
  });
  const manifestBytes = jsonBytes(manifest);
  files.set(FILES.manifest, manifestBytes);
  return { manifest, manifestSha256: sha256(manifestBytes), files };
}

/** The manifest before anything was measured; its interval is infinite, so that predictions show the clamp's ends. */
function draftManifest(options: BuildOptions): Manifest {
  const { description, parts, trainer, now, gitSha, data } = options;
  return {
    format: 'savings-model/1',
    name: description.name,
    version: versionOf(options),
    createdAt: now.toISOString(),
    reviewBy: new Date(now.getTime() + REVIEW_AFTER_MS).toISOString(),
    ...(gitSha === undefined ? {} : { gitSha }),
    features: description.features,
    derived: description.derived,
    encoding: description.encoding,
    ...(description.rules === undefined ? {} : { rules: description.rules }),
    ...(description.examples === undefined ? {} : { examples: description.examples }),
    target: description.target,
    trainer: { ...trainer, calibrationRows: parts.calibration.rows, holdoutRows: parts.holdout.rows },
    data,
    metrics: { model: { mae: 0, rmse: 0, r2: 0 }, ...baselines(description, parts) },
    importances: [],
    interval: {
      method: options.interval ?? DEFAULT_INTERVAL,
      coverage: options.coverage ?? COVERAGE,
      measuredCoverage: 0,
      bands: [{ below: null, quantile: Number.POSITIVE_INFINITY, measuredCoverage: 0, rows: 0 }],
    },
    files: [],
  };
}

/** The quantiles that leave as much on either side. */
const levelsOf = (coverage: number): [number, number] => [(1 - coverage) / 2, (1 + coverage) / 2];

/** Scores of simple rules, which are fitted on the rows of the fit. */
function baselines(
  description: BuildOptions['description'],
  { fit, holdout }: Parts,
): Omit<Manifest['metrics'], 'model'> {
  const { mean, linear, brackets } = fitBaselines(description, fit)(holdout);
  const scores = (predicted: Float64Array) => scoresOf(predicted, holdout.target, holdout.weights);
  return {
    mean: scores(mean),
    linear: scores(linear),
    ...(brackets && { brackets: scores(brackets) }),
  };
}

/** A name such as `sample-20261123-1a2b3c4d`: the day, and a hash of everything the content follows from. */
function versionOf({ version, now, description, trainer, data, coverage, forest }: BuildOptions): string {
  if (typeof version === 'string') return version;
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const content: unknown[] = [description, trainer, data, sha256(Buffer.from(forest))];
  // Named as it was before it could be chosen.
  if (coverage !== undefined) content.push(coverage);
  const hash = sha256(Buffer.from(JSON.stringify(content)));
  return `${version.prefix}-${day}-${hash.slice(0, 8)}`;
}

const jsonBytes = (value: unknown) => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);
