import { RandomForestRegression } from 'ml-random-forest';
import { flatten } from '../src/forest/flatten.ts';
import type { ForestJson } from '../src/forest/format.ts';
import { compile } from '../src/forest/predict.ts';
import { trainForest } from '../src/forest/train/train.ts';
import type { TrainOptions } from '../src/forest/train/train-options.ts';
import type { TrainingData } from '../src/forest/train/training-data.ts';
import { FEATURES, households, rowsOf } from './households.ts';
import { machine, median, table } from './measure.ts';
import { CORES, trainOnCores } from './train-forest.ts';

const ROWS = 20_000;
const TREES = 100;
const ROUNDS = 3;
const options: Partial<TrainOptions> = { nEstimators: TREES, treeOptions: { maxDepth: 12 } };
const full = process.argv.includes('--full');

const training = households(ROWS, 1);
const holdOut = households(5_000, 777);

const cpuSeconds = async (act: () => void | Promise<void>) => {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

/** CPU seconds for one tree of ours, of ten trained together, since sorting the columns is shared. */
const oneTreeOfOurs = async (data: TrainingData) =>
  (await cpuSeconds(async () => void (await trainForest(data, { ...options, nEstimators: 10 }, 'library')))) /
  10;

/** One tree on the first rows by the library and by ours, after checking that both are the same. */
async function oneTreeBothWays(size: number) {
  const data: TrainingData = {
    columns: training.columns.map((column) => column.slice(0, size)),
    target: training.target.slice(0, size),
  };
  const flat = rowsOf(data);
  const lists = Array.from({ length: size }, (_, r) => [...flat.subarray(r * FEATURES, (r + 1) * FEATURES)]);
  const oneTree = { ...options, nEstimators: 1 };
  const forest = new RandomForestRegression({ ...oneTree, noOOB: true });
  const library = await cpuSeconds(() => forest.train(lists, [...data.target]));
  if (JSON.stringify(forest) !== (await trainForest(data, oneTree, 'library')))
    throw new Error(`on ${size} rows ours is not the library's forest`);
  return { size, own: await oneTreeOfOurs(data), library };
}

/** Share of the hold-out's variance that predictions explain. */
function score(predicted: ArrayLike<number>): number {
  const { target } = holdOut;
  const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
  const off = target.reduce((sum, value, r) => sum + (value - predicted[r]) ** 2, 0);
  return 1 - off / target.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

/** One run of 100 trees; seconds of CPU time are of all threads. */
interface Run {
  wall: number;
  cpu: number;
  r2: number;
}

async function ours(workers: number): Promise<Run> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const json = await trainOnCores(training, options, workers);
  const wall = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const evaluator = compile(flatten(JSON.parse(json) as ForestJson, FEATURES));
  const r2 = score(evaluator.predictBatch(rowsOf(holdOut), holdOut.target.length));
  return { wall, cpu: (user + system) / 1e6, r2 };
}

/** scikit-learn on the same rows, in a process of its own; null where it is not installed. */
function scikitLearn(jobs: number): (Run & { version: string }) | null {
  const folder = `${import.meta.dir}/node_modules`;
  const child = Bun.spawnSync(
    ['python3', `${import.meta.dir}/train_sklearn.py`, folder, `${FEATURES}`, `${TREES}`, '12', `${jobs}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (child.exitCode !== 0) return null;
  const { predicted, ...run } = JSON.parse(child.stdout.toString());
  return { ...run, r2: score(predicted) };
}

console.log(`# Training\n\n${machine()}; ${ROWS} rows x ${FEATURES}, depth 12, ${TREES} trees\n`);
await Bun.write(`${import.meta.dir}/node_modules/.train-x.f64`, rowsOf(training));
await Bun.write(`${import.meta.dir}/node_modules/.train-y.f64`, training.target);
await Bun.write(`${import.meta.dir}/node_modules/.holdout-x.f64`, rowsOf(holdOut));

const runs = new Map<string, Run[]>();
const note = (name: string, run: Run) => runs.set(name, [...(runs.get(name) ?? []), run]);
for (let round = 0; round < ROUNDS; round++) {
  for (const jobs of [1, CORES]) {
    note(`ours, ${jobs} worker${jobs > 1 ? 's' : ''}`, await ours(jobs));
    const theirs = scikitLearn(jobs);
    if (theirs !== null) note(`scikit-learn ${theirs.version}, n_jobs=${jobs}`, theirs);
    else if (round === 0 && jobs === 1)
      console.warn('**python3 has no scikit-learn, so it is NOT measured: pip install scikit-learn**\n');
  }
}

const medianOf = (of: Run[], measure: keyof Run) => median(of.map((run) => run[measure]));
const [own] = runs.values();
const columnOf = (of: Run[], measure: 'cpu' | 'wall') =>
  `${medianOf(of, measure).toFixed(1)} (${(medianOf(of, measure) / medianOf(own, measure)).toFixed(2)})`;
console.log(`Seconds and, in brackets, times ours on one worker; medians of ${ROUNDS} runs.\n`);
console.log(
  table(
    ['', 'CPU time', 'wall time', 'R2 on 5,000 other rows'],
    [...runs].map(([name, of]) => [
      name,
      columnOf(of, 'cpu'),
      columnOf(of, 'wall'),
      medianOf(of, 'r2').toFixed(4),
    ]),
  ),
);

const sizes = full ? [1_000, 2_000, 4_000, ROWS] : [1_000, 2_000, 4_000];
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
  const guess = last.library * (ROWS / last.size) ** power;
  const own = await oneTreeOfOurs(training);
  console.log(
    `\nExtrapolated to ${ROWS} rows, with the power ${power.toFixed(2)} of the last two sizes: ${guess.toFixed(0)} s, ` +
      `${Math.round(guess / own)} times ours (${own.toFixed(3)} s). --full measures it instead.`,
  );
}
