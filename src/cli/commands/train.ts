import type { FaultReport } from '../../dataset/fault-report.ts';
import { DATA_KINDS, DATA_YEARS, INTERVAL_METHODS } from '../../model/manifest.ts';
import { type SampleOptions, trainSampleModel } from '../../training/sample.ts';
import { HISTOGRAM_FROM_ROWS, TRAIN_METHODS } from '../../training/grow-forest.ts';
import { DEFAULT_INTERVAL } from '../../training/build-artifact.ts';
import { SAVINGS } from '../../training/savings.ts';
import { trainCsvModel } from '../../training/train-csv.ts';
import { defineCommand, EXIT, type Io, UsageError, type Values } from '../command.ts';
import { LOCATION } from '../location-option.ts';
import { openDescription } from '../open-description.ts';
import { MAKE_OPTIONS, type Make, makeOptionsOf, makeVersion } from '../make-version.ts';
import { choiceOption, decimalOption, textOption, wholeOption } from '../option-values.ts';
import { trainingRows } from '../training-rows.ts';
import { trainingWorkers } from '../training-workers.ts';

const COLUMNS = SAVINGS.encoding.length;
/** The smallest share that leaves a tree a column, up to the third decimal. */
const LEAST_FEATURES = Math.ceil(1000 / COLUMNS) / 1000;

/** Options that say something of a CSV. */
const WITH_DATA = [
  'description',
  'holdout',
  'drop-bad-rows',
  'source',
  'licence',
  'data-kind',
  'data-year',
] as const;

const OPTIONS = {
  data: {
    type: 'string',
    value: 'DATA',
    help: `rows to learn from: CSV, CSV.gz or Parquet; a file, ${LOCATION},
whose files are read by name as one, or - for a CSV on standard input. They need the columns that
the description names, or without one those that 'savings generate' writes`,
  },
  description: {
    type: 'string',
    value: 'FILE',
    help: "what the model is to be, as 'savings describe' drafts it (the savings model)",
  },
  sample: {
    type: 'string',
    value: 'ROWS',
    help: 'draw so many rows from the documented synthetic distribution instead',
  },
  holdout: {
    type: 'string',
    value: 'SHARE',
    help: "share of the CSV's rows to score on; as many again calibrate the interval (0.2)",
  },
  'drop-bad-rows': {
    type: 'boolean',
    help: 'leave out rows with missing cells, unknown choices and the like; they are counted and named',
  },
  source: {
    type: 'string',
    value: 'TEXT',
    help: "what the model card says of the CSV (what the description says, or the file's name)",
  },
  licence: { type: 'string', value: 'TEXT', help: 'under which licence it is (not stated)' },
  'data-kind': {
    type: 'string',
    value: 'KIND',
    help: `what the CSV's rows are: ${DATA_KINDS.join(', ')} (not recorded)`,
  },
  'data-year': { type: 'string', value: 'YYYY', help: 'the year that they speak of (not recorded)' },
  trees: { type: 'string', value: 'N', help: 'trees of the forest (100)' },
  depth: { type: 'string', value: 'N', help: 'levels of a tree at most (12)' },
  'node-size': { type: 'string', value: 'N', help: 'a node of so many rows or fewer is not split (20)' },
  'leaf-size': {
    type: 'string',
    value: 'N',
    help: 'rows that a leaf holds at least (1 of synthetic rows, 10 of people)',
  },
  features: {
    type: 'string',
    value: 'SHARE',
    help: `share of the columns that each tree sees; of the savings model's ${COLUMNS} from ${LEAST_FEATURES}, which is one
of them, to 1 (1)`,
  },
  method: {
    type: 'string',
    value: 'METHOD',
    help: `how splits are found: exact, among all values, or histogram, among up to 256 bins a column
(histogram from ${HISTOGRAM_FROM_ROWS.toLocaleString('en')} rows on, of those that trees learn from)`,
  },
  seed: { type: 'string', value: 'N', help: 'decides everything that is drawn (42)' },
  workers: {
    type: 'string',
    value: 'N',
    help: 'threads (one a processor); the model is the same with any number',
  },
  interval: {
    type: 'string',
    value: 'METHOD',
    help: `how intervals are made: ${INTERVAL_METHODS.join(' or ')} (${DEFAULT_INTERVAL})`,
  },
  ...MAKE_OPTIONS,
} as const;

export const trainCommand = defineCommand({
  help: `Usage: savings train --data DATA [options]
       savings train --description FILE.model.json --data DATA [options]
       savings train --sample ROWS [options]

A model is refused, and nothing written, when it is no better than always answering the mean, when it is worse than a
linear regression by more than chance, or when most of its predictions lie outside of what the target can be.
`,
  options: OPTIONS,
  async run(values, _, io) {
    // All options are checked before any work begins.
    const options = makeOptionsOf(values, io);
    await makeVersion(await trainingOf(values, io), options, io);
    return EXIT.done;
  },
});

/** @throws UsageError; AppError when the description cannot be used */
async function trainingOf(values: Values<typeof OPTIONS>, io: Io): Promise<Make> {
  const { data, description } = values;
  const rows = wholeOption('sample', values.sample, 100, 10_000_000);
  const forest = forestOptions(values);
  const interval = choiceOption('interval', values.interval, INTERVAL_METHODS);
  const workers = trainingWorkers(wholeOption('workers', values.workers, 1, 256));
  if (data === undefined && rows !== undefined) {
    for (const option of WITH_DATA) {
      if (values[option] !== undefined) throw new UsageError(`Give --${option} with --data alone.`);
    }
    return (shared) => trainSampleModel({ ...shared, forest, interval, workers, rows });
  }
  if (data === undefined || rows !== undefined)
    throw new UsageError('Say either --data DATA or --sample ROWS.');
  const read = await trainingRows(data, io);
  const holdout = decimalOption('holdout', values.holdout, 0.01, 0.45);
  const said = {
    source: values.source === undefined ? undefined : textOption('source', values.source),
    licence: values.licence === undefined ? undefined : textOption('licence', values.licence),
    kind: choiceOption('data-kind', values['data-kind'], DATA_KINDS),
    year: wholeOption('data-year', values['data-year'], ...DATA_YEARS),
  };
  const file = description === undefined ? undefined : await openDescription(description);
  const onBadRows = (faults: FaultReport) =>
    io.stderr.write(`savings train: ${faults.leftOut}.\n${faults}\n`);
  return (shared) =>
    trainCsvModel({
      ...shared,
      ...read,
      description: file,
      data: said,
      holdout,
      onBadRows: values['drop-bad-rows'] ? onBadRows : undefined,
      forest,
      interval,
      workers,
    });
}

function forestOptions(values: Values<typeof OPTIONS>): NonNullable<SampleOptions['forest']> {
  // How many columns a description makes is known when its data is.
  const leastFeatures = values.description === undefined ? LEAST_FEATURES : 0.001;
  const options = {
    trees: wholeOption('trees', values.trees, 1, 10_000),
    depth: wholeOption('depth', values.depth, 1, 100),
    nodeSize: wholeOption('node-size', values['node-size'], 1, 1_000_000),
    leafRows: wholeOption('leaf-size', values['leaf-size'], 1, 1_000_000),
    features: decimalOption('features', values.features, leastFeatures, 1),
    method: choiceOption('method', values.method, TRAIN_METHODS),
    seed: wholeOption('seed', values.seed, 0, 2 ** 31 - 1),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
