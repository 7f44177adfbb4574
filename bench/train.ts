/**
 * Training beside others: `bun bench/train.ts [ROWS ...] [--full]`. The same rows and as many threads for all: ours as a
 * library and as the whole command, scikit-learn, scikit-learn-intelex (oneDAL), Yggdrasil Decision Forests, XGBoost and
 * LightGBM as random forests; and the library whose forests ours equal.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomForestRegression } from 'ml-random-forest';
import { sampleCsv } from '../src/dataset/synthetic/sample-csv.ts';
import type { TrainingData } from '../src/forest/train/training-data.ts';
import { trainForest } from '../src/forest/train/train.ts';
import { encodeExamples } from '../src/training/encode-examples.ts';
import { drawExamples } from '../src/training/sample.ts';
import { SAVINGS } from '../src/training/savings.ts';
import { withTrainedRanges } from '../src/training/trained-ranges.ts';
import { load, machine, median, table } from './measure.ts';
import { type Cost, costOf } from './process-cost.ts';
import { hasProgram } from './server-under-load.ts';
import { CORES, METHODS, TRAINING } from './train-forest.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const PYTHON = process.env.PYTHON ?? 'python3';
/** Nobody is run who would take longer than this, to judge by what they took of fewer rows. */
const MOST_CPU_SECONDS = Number(process.env.BENCH_MOST_SECONDS ?? 300);
const SEED = 42;
const STREAMS = { fit: 0, holdout: 2 };
const HOLDOUT_ROWS = 20_000;
/** Share of a CSV's rows that the command holds out; as many calibrate the interval, and the rest grow the trees. */
const HOLDOUT = 0.1;
const NOT_INSTALLED = 3;
const MAIN = join(import.meta.dir, '../src/main.ts');
const full = process.argv.includes('--full');
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const SIZES = given.length > 0 ? given.map(Number) : [10_000, 100_000, 1_000_000];

const folder = mkdtempSync(join(tmpdir(), 'savings-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** One training: growing the trees alone, and the whole process with whatever else it does. */
interface Run {
  alone: { cpuSeconds: number; wallSeconds: number };
  /** Of the library; blank for ours. */
  version: string;
  process: Cost;
  /** Mean absolute error of rows that were held out, rupees a month. */
  mae: number;
}

/** One who trains. */
interface Side {
  name: string;
  /** @returns undefined where it is not installed */
  run(rows: number): Promise<Run | undefined>;
}

const features = SAVINGS.encoding.length;
const holdout = drawExamples(HOLDOUT_ROWS, SEED, STREAMS.holdout);
const description = withTrainedRanges(SAVINGS, holdout, false);
const encodedHoldout = encodeExamples(description, holdout);

/** [rows, features], row after row, as all but ours take them. */
const rowMajor = ({ columns, target }: TrainingData) =>
  Float64Array.from({ length: target.length * features }, (_, i) => {
    return columns[i % features][Math.floor(i / features)];
  });

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Of predicted shares of income. */
function meanError(shares: Float64Array): number {
  const [income] = encodedHoldout.columns;
  return (
    holdout.target.reduce((sum, target, r) => sum + Math.abs(target - shares[r] * income[r]), 0) /
    holdout.rows
  );
}

const predicted = () => new Float64Array(new Uint8Array(readFileSync(join(folder, 'predicted.f64'))).buffer);

/** A program that is called with FOLDER FEATURES THREADS, and says on standard output what growing trees took. */
const trainer = (name: string, program: string[], ...args: string[]): Side => ({
  name,
  async run() {
    if (!hasProgram(program[0])) return undefined;
    const command = [...program, folder, `${features}`, `${CORES}`, ...args];
    const { exitCode, stdout, ...cost } = await costOf(command);
    if (exitCode === NOT_INSTALLED) return undefined;
    if (exitCode !== 0) throw new Error(`${name} failed`);
    const { version, ...alone } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
    return { alone, version, process: cost, mae: meanError(predicted()) };
  },
});

const python = (name: string, script: string) =>
  trainer(name, [PYTHON, '-W', 'ignore', join(import.meta.dir, script)]);

/** From a CSV to a version, with interval, importances and model card. Its error is of rows of its own, and clamped. */
const wholeCommand = (method: string | undefined): Side => ({
  name: `savings train${method === undefined ? '' : ` --method ${method}`}`,
  async run() {
    const out = join(folder, 'models');
    const options = ['--holdout', `${HOLDOUT}`, '--workers', `${CORES}`, '--version', 'bench', '--out', out];
    const command = [process.execPath, MAIN, 'train', '--data', join(folder, 'rows.csv'), ...options];
    const done = await costOf([...command, ...(method === undefined ? [] : ['--method', method])]);
    if (done.exitCode !== 0) throw new Error('savings train failed');
    const manifest = JSON.parse(readFileSync(join(out, 'versions/bench/manifest.json'), 'utf8'));
    rmSync(out, { recursive: true });
    return { alone: done, version: '', process: done, mae: manifest.metrics.model.mae };
  },
});

const sides: Side[] = [
  ...METHODS.flatMap((method) => [
    trainer(
      `ours, ${method ?? 'exact'}`,
      [process.execPath, join(import.meta.dir, 'train-ours.ts')],
      method ?? '',
    ),
    wholeCommand(method),
  ]),
  python('scikit-learn', 'train_sklearn.py'),
  python('scikit-learn-intelex (oneDAL)', 'train_intelex.py'),
  python('ydf', 'train_ydf.py'),
  python('xgboost, rf', 'train_xgboost.py'),
  python('lightgbm, rf', 'train_lightgbm.py'),
];

console.log(
  `# Training\n\n${machine()}; 100 trees of depth 12, ${features} columns, ${CORES} threads; medians of ${ROUNDS} rounds in alternating order\n`,
);
/** CPU of a run by side, at the last size that it took part in. */
const lastCpu = new Map<Side, { rows: number; cpuSeconds: number }>();
const missing = new Set<Side>();
const perRow = new Map<Side, string[]>();
for (const rows of SIZES) {
  const data = encodeExamples(description, drawExamples(rows, SEED, STREAMS.fit));
  writeFileSync(join(folder, 'fit-x.f64'), rowMajor(data));
  writeFileSync(join(folder, 'fit-columns.f64'), '');
  for (const column of data.columns) appendFileSync(join(folder, 'fit-columns.f64'), bytesOf(column));
  writeFileSync(join(folder, 'fit-y.f64'), data.target);
  writeFileSync(join(folder, 'holdout-x.f64'), rowMajor(encodedHoldout));
  writeFileSync(join(folder, 'rows.csv'), [...sampleCsv(Math.ceil(rows / (1 - 2 * HOLDOUT)), SEED)].join(''));
  const runs = new Map<Side, Run[]>();
  const takePart = sides.filter((side) => {
    const last = lastCpu.get(side);
    return !missing.has(side) && (!last || (last.cpuSeconds * rows) / last.rows <= MOST_CPU_SECONDS);
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of round % 2 === 0 ? takePart : takePart.toReversed()) {
      if (missing.has(side)) continue;
      const run = await side.run(rows);
      if (run === undefined) {
        missing.add(side);
        console.warn(`**${PYTHON} lacks what "${side.name}" needs, so it is NOT measured**`);
      } else runs.set(side, [...(runs.get(side) ?? []), run]);
    }
  }
  console.log(`\n## ${rows} rows, load ${load()}\n`);
  const of = (side: Side, measure: (run: Run) => number) => median(runs.get(side)!.map(measure));
  const [own] = runs.keys();
  const times = (side: Side, measure: (run: Run) => number) =>
    `${of(side, measure).toFixed(2)} (${(of(side, measure) / of(own, measure)).toFixed(2)})`;
  console.log(`Seconds, and in brackets times those of "${own.name}".\n`);
  const head = ['', 'trees, CPU s', 'trees, wall s', 'process, CPU s', 'process, wall s', 'peak MB', 'MAE'];
  const lines = [...runs.keys()].map((side) => [
    `${side.name} ${runs.get(side)![0].version}`.trimEnd(),
    times(side, ({ alone }) => alone.cpuSeconds),
    times(side, ({ alone }) => alone.wallSeconds),
    times(side, ({ process }) => process.cpuSeconds),
    times(side, ({ process }) => process.wallSeconds),
    of(side, ({ process }) => process.peakMB).toFixed(0),
    of(side, ({ mae }) => mae).toFixed(1),
  ]);
  console.log(table(head, lines));
  for (const side of sides) {
    const cpuSeconds = runs.has(side) ? of(side, ({ process }) => process.cpuSeconds) : undefined;
    if (cpuSeconds !== undefined) lastCpu.set(side, { rows, cpuSeconds });
    const cell = cpuSeconds === undefined ? 'not run' : ((cpuSeconds / rows) * 1e6).toFixed(0);
    perRow.set(side, [...(perRow.get(side) ?? []), cell]);
  }
}
console.log('\n## CPU time of the process, microseconds a row\n');
console.log(
  table(
    ['rows', ...SIZES.map(String)],
    sides.filter((side) => !missing.has(side)).map((side) => [side.name, ...perRow.get(side)!]),
  ),
);

/** CPU seconds of what is done in this process. */
async function cpuSecondsOf(act: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const LIBRARY_ROWS = 20_000;
const libraryData = encodeExamples(description, drawExamples(LIBRARY_ROWS, SEED, STREAMS.fit));

/** CPU seconds for one tree of ours, of ten trained together, since sorting the columns is shared. */
const oneTreeOfOurs = async (data: TrainingData) =>
  (await cpuSecondsOf(
    async () => void (await trainForest(data, { ...TRAINING, nEstimators: 10 }, 'library')),
  )) / 10;

/** One tree on the first rows by the library and by ours, after checking that both are the same. */
async function oneTreeBothWays(size: number) {
  const data: TrainingData = {
    columns: libraryData.columns.map((column) => column.slice(0, size)),
    target: libraryData.target.slice(0, size),
  };
  const flat = rowMajor(data);
  const lists = Array.from({ length: size }, (_, r) => [...flat.subarray(r * features, (r + 1) * features)]);
  const oneTree = { ...TRAINING, nEstimators: 1 };
  const forest = new RandomForestRegression({ ...oneTree, noOOB: true });
  const library = await cpuSecondsOf(() => forest.train(lists, [...data.target]));
  if (JSON.stringify(forest) !== (await trainForest(data, oneTree, 'library')))
    throw new Error(`on ${size} rows ours is not the library's forest`);
  return { size, own: await oneTreeOfOurs(data), library };
}

const sizes = full ? [1_000, 2_000, 4_000, LIBRARY_ROWS] : [1_000, 2_000, 4_000];
const trees = [];
for (const size of sizes) trees.push(await oneTreeBothWays(size));
console.log(
  '\nOne tree on one core, CPU seconds (a busy machine hardly changes them); both write the same bytes.\n',
);
console.log(
  table(
    ['rows', 'ours', 'ml-random-forest', 'times ours'],
    trees.map(({ size, own, library }) => [
      size,
      own.toFixed(4),
      library.toFixed(2),
      Math.round(library / own),
    ]),
  ),
);
if (!full) {
  const [beforeLast, last] = trees.slice(-2);
  const power = Math.log2(last.library / beforeLast.library);
  const guess = last.library * (LIBRARY_ROWS / last.size) ** power;
  const own = await oneTreeOfOurs(libraryData);
  console.log(
    `\nExtrapolated to ${LIBRARY_ROWS} rows, with the power ${power.toFixed(2)} of the last two sizes: ${guess.toFixed(0)} s, ` +
      `${Math.round(guess / own)} times ours (${own.toFixed(3)} s). --full measures it instead.`,
  );
}
