import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { Artifact } from '../../model/artifact/artifact.ts';
import { printable } from '../../printable.ts';
import type { Progress } from '../../training/progress.ts';
import { type SampleOptions, trainSampleModel } from '../../training/sample.ts';
import { SAVINGS } from '../../training/savings.ts';
import { trainCsvModel } from '../../training/train-csv.ts';
import { ACCEPT_WORSE_HELP, ACCEPT_WORSE_OPTION } from '../accept-worse.ts';
import { type Command, EXIT, type Io, UsageError } from '../command.ts';
import { inputBytes, STDIN } from '../input.ts';
import { checkVersionOption, gitShaOf, makeVersion } from '../make-version.ts';
import { decimalOption, wholeOption } from '../numbers.ts';
import { checkDataPath, directoryOf } from '../paths.ts';
import { textOption } from '../text-option.ts';
import { trainingWorkers } from '../training-workers.ts';

const COLUMNS = SAVINGS.encoding.length;
/** The smallest share that leaves a tree a column, up to the third decimal. */
const LEAST_FEATURES = Math.ceil(1000 / COLUMNS) / 1000;

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
  --features SHARE    share of the ${COLUMNS} columns that each tree sees, from ${LEAST_FEATURES}, which is one of them, to 1 (1)
  --seed N            decides everything that is drawn (42)
  --workers N         threads (one a processor); the model is the same with any number
${ACCEPT_WORSE_HELP}
  --json              say what was made as JSON

A model is refused, and nothing written, when it is no better than always answering the mean, when it is worse than a
linear regression by more than chance, or when most of its answers lie outside of what the target can be.
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
  ...ACCEPT_WORSE_OPTION,
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

export const trainCommand: Command = {
  async run(args, io) {
    const { values } = parseArgs({ args, options: OPTIONS });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const train = trainingOf(values, io);
    const out = directoryOf('--out', values.out, io);
    await makeVersion(train, { out, version: values.version, json: values.json ?? false }, io);
    return EXIT.done;
  },
};

/** Checks the options, all before any work begins. @throws UsageError */
function trainingOf(values: Values, io: Io): (onProgress: (p: Progress) => void) => Promise<Artifact> {
  const { data, sample } = values;
  if ((data === undefined) === (sample === undefined))
    throw new UsageError('Say either --data FILE.csv or --sample ROWS.');
  checkVersionOption(values.version);
  const shared = {
    forest: forestOptions(values),
    workers: trainingWorkers(wholeOption('workers', values.workers, 1, 256)),
    version: values.version,
    gitSha: gitShaOf(io.env),
    acceptWorse: values['accept-worse'],
  };
  if (data === undefined) {
    const rows = wholeOption('sample', sample, 100, 10_000_000)!;
    for (const option of ['holdout', 'source', 'licence'] as const) {
      if (values[option] !== undefined) throw new UsageError(`--${option} goes with --data.`);
    }
    return (onProgress) => trainSampleModel({ ...shared, rows, onProgress });
  }
  checkDataPath(data);
  const holdout = decimalOption('holdout', values.holdout, 0.01, 0.45);
  // A file's own name may hold what no text may.
  const named = data === STDIN ? 'standard input' : printable(basename(data));
  const source = textOption('source', values.source ?? named);
  const licence = textOption('licence', values.licence ?? 'not stated');
  return (onProgress) => {
    return trainCsvModel({ ...shared, csv: inputBytes(data, io), source, licence, holdout, onProgress });
  };
}

function forestOptions(values: Values): NonNullable<SampleOptions['forest']> {
  const options = {
    trees: wholeOption('trees', values.trees, 1, 10_000),
    depth: wholeOption('depth', values.depth, 1, 100),
    nodeSize: wholeOption('node-size', values['node-size'], 1, 1_000_000),
    features: decimalOption('features', values.features, LEAST_FEATURES, 1),
    seed: wholeOption('seed', values.seed, 0, 2 ** 31 - 1),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
