import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, messageOf } from '../errors.ts';
import type { Artifact } from '../model/artifact.ts';
import { type Manifest, versionName } from '../model/manifest.ts';
import { DirectoryStore } from '../store/directory.ts';
import { Registry } from '../store/registry.ts';
import { writeVersionWhole } from '../store/version-folder.ts';
import type { Progress } from '../training/progress.ts';
import { type SampleOptions, trainSampleModel } from '../training/sample.ts';
import { trainCsvModel } from '../training/train-csv.ts';
import { type Command, EXIT, type Io, UsageError } from './command.ts';
import { decimalOption, wholeOption } from './numbers.ts';
import { writeResult } from './output.ts';
import { duration, ProgressLine } from './progress-line.ts';
import { trainingWorkers } from './training-workers.ts';

const HELP = `savings train: train a model and write it as a version

Usage: savings train --data FILE.csv [options]
       savings train --sample ROWS [options]

  --data FILE.csv     rows to learn from, with the columns that 'savings generate' writes; - is standard input
  --sample ROWS       draw so many rows from the documented law instead
  --out DIR           where versions/ is (MODEL_DIR, or ./models)
  --version NAME      the version's name; without it, the day and a hash of the content
  --holdout SHARE     share of the CSV's rows to score on; as many again calibrate the interval (0.2)
  --source TEXT       what the model card says of the CSV (its name)
  --licence TEXT      under which licence it is (not stated)
  --trees N           trees of the forest (100)
  --depth N           levels of a tree at most (12)
  --node-size N       a node of so many rows or fewer is not split (20)
  --features SHARE    share of the columns that each tree sees (1)
  --seed N            decides everything that is drawn (42)
  --workers N         threads (one a processor); the model is the same with any number
  --json              say what was made as JSON
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  data: { type: 'string' },
  sample: { type: 'string' },
  out: { type: 'string' },
  version: { type: 'string' },
  holdout: { type: 'string' },
  source: { type: 'string' },
  licence: { type: 'string' },
  trees: { type: 'string' },
  depth: { type: 'string' },
  'node-size': { type: 'string' },
  features: { type: 'string' },
  seed: { type: 'string' },
  workers: { type: 'string' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

export const trainCommand: Command = {
  summary: 'train a model and write it as a version',
  async run(args, io) {
    const { values } = parseArgs({ args, options: OPTIONS });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const train = trainingOf(values, io);
    const out = values.out ?? (io.env.MODEL_DIR || './models');
    if (values.version !== undefined) await checkFree(out, values.version);

    const began = performance.now();
    const progress = new ProgressLine(io.stderr);
    let artifact: Artifact;
    try {
      artifact = await train(({ phase, done, total }) => progress.update(PHASE[phase], done, total));
    } finally {
      progress.end();
    }
    const written = await write(out, artifact, values.version !== undefined);
    const summary = values.json
      ? `${JSON.stringify(summaryOf(artifact.manifest, written))}\n`
      : describe(artifact.manifest, written, performance.now() - began);
    await writeResult(io.stdout, [summary]);
    return EXIT.done;
  },
};

const PHASE: Record<Progress['phase'], string> = {
  data: 'reading rows',
  forest: 'growing trees',
  bands: 'finding bands of income, rows',
  calibration: 'calibrating the interval, rows',
  scores: 'scoring, rows',
  importances: 'weighing the inputs, shuffles',
};

/** Checks the options, all before any work begins. @throws UsageError */
function trainingOf(values: Values, io: Io): (onProgress: (p: Progress) => void) => Promise<Artifact> {
  const { data, sample } = values;
  if ((data === undefined) === (sample === undefined))
    throw new UsageError('Say either --data FILE.csv or --sample ROWS.');
  if (values.version !== undefined && !versionName.safeParse(values.version).success)
    throw new UsageError(
      '--version must be 1 to 64 of a-z, 0-9, dot and dash, and begin with a letter or digit.',
    );
  const shared = {
    forest: forestOptions(values),
    workers: trainingWorkers(wholeOption('workers', values.workers, 1, 256)),
    version: values.version,
    gitSha: /^[0-9a-f]{7,64}$/.test(io.env.GIT_SHA ?? '') ? io.env.GIT_SHA : undefined,
  };
  if (data === undefined) {
    const rows = wholeOption('sample', sample, 100, 10_000_000)!;
    for (const option of ['holdout', 'source', 'licence'] as const) {
      if (values[option] !== undefined) throw new UsageError(`--${option} goes with --data.`);
    }
    return (onProgress) => trainSampleModel({ ...shared, rows, onProgress });
  }
  const holdout = decimalOption('holdout', values.holdout, 0.01, 0.45);
  const source = values.source ?? (data === '-' ? 'standard input' : basename(data));
  const licence = values.licence ?? 'not stated';
  for (const [option, text] of Object.entries({ source, licence })) {
    if (text.length > 400) throw new UsageError(`--${option} must not be longer than 400 characters.`);
  }
  return (onProgress) => {
    const csv = data === '-' ? io.stdin : fileBytes(data);
    return trainCsvModel({ ...shared, csv, source, licence, holdout, onProgress });
  };
}

function forestOptions(values: Values): NonNullable<SampleOptions['forest']> {
  const options = {
    trees: wholeOption('trees', values.trees, 1, 10_000),
    depth: wholeOption('depth', values.depth, 1, 100),
    nodeSize: wholeOption('node-size', values['node-size'], 1, 1_000_000),
    features: decimalOption('features', values.features, 0.01, 1),
    seed: wholeOption('seed', values.seed, 0, 2 ** 31 - 1),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } catch (cause) {
    const missing = (cause as { code?: unknown }).code === 'ENOENT';
    throw new AppError(
      missing ? 'not_found' : 'unavailable',
      `Could not read ${path}: ${missing ? 'it does not exist' : messageOf(cause)}.`,
      { cause },
    );
  }
}

/** A name that is taken is better known before the training than after it. */
async function checkFree(out: string, version: string): Promise<void> {
  if ((await new Registry(new DirectoryStore(out)).listVersions()).includes(version))
    throw new AppError('conflict', `Could not create version ${version} in ${out}: it is already there.`);
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
    if (named || !(error instanceof AppError) || error.code !== 'conflict') throw error;
    const { sha256 } = await new Registry(new DirectoryStore(out)).readManifest(manifest.version);
    return { path, manifestSha256: sha256, created: false };
  }
}

function summaryOf({ version, metrics, interval, trainer }: Manifest, written: Written) {
  return { version, ...written, trainer, metrics, interval };
}

function describe(manifest: Manifest, { path, created }: Written, tookMs: number): string {
  const { metrics, interval, target, trainer } = manifest;
  const amount = (value: number) => `${Math.round(value).toLocaleString('en')} ${target.unit}`;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `${created ? 'Wrote' : 'Already there, the same:'} ${path}
  trained on ${trainer.rows.toLocaleString('en')} rows in ${duration(tookMs)}
  mean absolute error ${amount(metrics.model.mae)}, R2 ${metrics.model.r2.toFixed(3)} (linear regression: ${amount(metrics.linear.mae)}, ${metrics.linear.r2.toFixed(3)})
  interval made for ${percent(interval.coverage)}, held for ${percent(interval.measuredCoverage)} of ${trainer.holdoutRows.toLocaleString('en')} rows held out
`;
}
