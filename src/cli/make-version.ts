import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError } from '../errors.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import { counted } from '../model/counted.ts';
import { decimalsFor, fixed } from '../model/fixed.ts';
import { type Manifest, versionName } from '../model/manifest.ts';
import { DirectoryStore } from '../store/directory/directory.ts';
import { Registry } from '../store/registry.ts';
import { writeVersionWhole } from '../store/version-folder.ts';
import type { Progress } from '../training/progress.ts';
import { ACCEPT_WORSE_OPTION, bracketsLine, shortcomingsField, shortcomingsLine } from './accept-worse.ts';
import { type Io, UsageError, type Values } from './command.ts';
import { JSON_OPTION, writeSummary } from './output.ts';
import { directoryOf } from './paths.ts';
import { duration, ProgressLine } from './progress-line.ts';

/** The options of the commands that make a version. */
export const MAKE_OPTIONS = {
  out: { type: 'string', value: 'DIR', help: 'where versions/ is (MODEL_DIR, or ./models)' },
  version: {
    type: 'string',
    value: 'NAME',
    help: "the version's name; without it, the day and a hash of the content",
  },
  ...ACCEPT_WORSE_OPTION,
  ...JSON_OPTION,
} as const;

export interface MakeOptions {
  /** Where versions/ is. */
  out: string;
  /** The name that was asked for; without it one is made from the content. */
  version: string | undefined;
  acceptWorse: boolean | undefined;
  json: boolean | undefined;
}

/** Makes an artifact. */
export type Make = (
  options: Pick<MakeOptions, 'version' | 'acceptWorse'> & {
    /** The commit that the program was built from, where the environment says it. */
    gitSha: string | undefined;
    onProgress: (progress: Progress) => void;
  },
) => Promise<Artifact>;

const PHASE: Record<Progress['phase'], string> = {
  data: 'reading rows',
  forest: 'growing trees',
  bands: 'finding bands of income, rows',
  calibration: 'calibrating the interval, rows',
  scores: 'scoring, rows',
  importances: 'weighing the inputs, shuffles',
};

/** @throws UsageError */
export function makeOptionsOf(values: Values<typeof MAKE_OPTIONS>, io: Io): MakeOptions {
  const { version, json, 'accept-worse': acceptWorse } = values;
  if (version !== undefined && !versionName.safeParse(version).success)
    throw new UsageError(
      '--version must be 1 to 64 of a-z, 0-9, dot and dash, and begin with a letter or digit.',
    );
  return { out: directoryOf('--out', values.out, io), version, acceptWorse, json };
}

/**
 * Makes an artifact, showing how far it is, writes it as a version, whole or not at all, and says what was made.
 *
 * @throws AppError before the work when `out` is a file, or when the version is there (`conflict`) and its name was
 * asked for; else after it
 */
export async function makeVersion(make: Make, options: MakeOptions, io: Io): Promise<void> {
  const { out, version, acceptWorse } = options;
  await checkDirectory(out);
  if (version !== undefined) await checkFree(out, version);
  const began = performance.now();
  const progress = new ProgressLine(io.stderr);
  const gitSha = /^[0-9a-f]{7,64}$/.test(io.env.GIT_SHA ?? '') ? io.env.GIT_SHA : undefined;
  let artifact: Artifact;
  try {
    artifact = await make({
      version,
      acceptWorse,
      gitSha,
      onProgress: ({ phase, done, total, method }) =>
        progress.update(`${PHASE[phase]}${method === 'histogram' ? ' from histograms' : ''}`, done, total),
    });
  } finally {
    progress.end();
  }
  const written = await write(out, artifact, version !== undefined);
  const text = describe(artifact.manifest, written, performance.now() - began);
  await writeSummary(io, options.json, summaryOf(artifact.manifest, written), text);
}

/** A file in the way is better known before the work too; what is not there yet is made. */
async function checkDirectory(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found !== undefined && !found.isDirectory())
    throw new AppError('invalid', `Cannot write into ${out}: it is a file where a directory is needed.`);
}

/** A name that is taken is better known before the work than after it. */
async function checkFree(out: string, version: string): Promise<void> {
  if ((await new Registry(new DirectoryStore(out)).listVersions()).includes(version))
    throw new AppError('conflict', `Cannot create version ${version} in ${out}: it is already there.`);
}

interface Written {
  path: string;
  manifestSha256: string;
  /** False when the very same model was there already: a name made from the content can mean nothing else. */
  created: boolean;
}

async function write(out: string, artifact: Artifact, named: boolean): Promise<Written> {
  const { manifest, manifestSha256, files } = artifact;
  const path = join(out, 'versions', manifest.version);
  try {
    await writeVersionWhole(join(out, 'versions'), manifest.version, files);
    return { path, manifestSha256, created: true };
  } catch (error) {
    if (named || !isAppError(error, 'conflict')) throw error;
    const { sha256 } = await new Registry(new DirectoryStore(out)).readManifest(manifest.version);
    return { path, manifestSha256: sha256, created: false };
  }
}

function summaryOf(manifest: Manifest, written: Written) {
  const { version, metrics, interval, trainer } = manifest;
  return { version, ...written, trainer, metrics, interval, ...shortcomingsField(manifest) };
}

/** Which method was chosen, of the two that there are. */
function methodText(method: Manifest['trainer']['method']): string {
  if (method === undefined) return '';
  const by = method.chosenBy === 'rows' ? 'for their number' : 'by --method';
  return `, ${method.name === 'exact' ? 'by the exact method' : 'from histograms'} (chosen ${by})`;
}

function describe(manifest: Manifest, { path, created }: Written, tookMs: number): string {
  const { metrics, interval, target, trainer } = manifest;
  const digits = { maximumFractionDigits: decimalsFor(metrics.mean.mae) };
  const amount = (value: number) => `${value.toLocaleString('en', digits)} ${target.unit}`;
  const percent = (share: number) => `${fixed(100 * share, 1)} %`;
  const rows = (count: number) => counted(count, 'row', count.toLocaleString('en'));
  return `${created ? 'Wrote' : 'Already there, the same:'} ${path}
  ${trainer.rows === undefined ? `taken in from ${trainer.library}` : `trained on ${rows(trainer.rows)}${methodText(trainer.method)}`}; this took ${duration(tookMs)}
  mean absolute error ${amount(metrics.model.mae)}, R2 ${fixed(metrics.model.r2, 3)} (linear regression: ${amount(metrics.linear.mae)}, ${fixed(metrics.linear.r2, 3)})
  interval made for ${percent(interval.coverage)}, held for ${percent(interval.measuredCoverage)} of ${rows(trainer.holdoutRows)} held out
${shortcomingsLine(manifest)}${bracketsLine(manifest)}`;
}
