/**
 * A CSV in, the same CSV with predictions out: `bun bench/batch.ts [ROWS ...]`. Ours from the command line and over HTTP,
 * beside polars with onnxruntime and pandas with scikit-learn, all with the same forest.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleCsv } from '../src/dataset/synthetic/sample-csv.ts';
import { freePort } from './free-port.ts';
import { load, machine, table } from './measure.ts';
import { onnxModel } from './onnx-model.ts';
import { plainTrees } from './plain-trees.ts';
import { type Cost, costOf, medianCost, peakMB } from './process-cost.ts';
import { cpuSeconds, hasProgram, start, stopAll, untilAnswered } from './server-under-load.ts';
import { CORES } from './train-forest.ts';
import { versionForest } from './version-forest.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const PYTHON = process.env.PYTHON ?? 'python3';
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000, 1_000_000];
/** What two amounts may differ by when they were rounded to cents; and the share of rows that may differ by more. */
const ROUNDING = 0.0101;
const MAY_DIFFER = 0.0001;
/** In float32 a value beside a threshold may fall to its other side: what that may come to on average, of the mean amount. */
const MAY_BE_OFF = 0.003;
const NOT_INSTALLED = 3;
const MAIN = join(import.meta.dir, '../src/main.ts');
const BINARY = join(import.meta.dir, '../dist/savings');

const folder = mkdtempSync(join(tmpdir(), 'savings-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** One way from a CSV to a CSV. */
interface Side {
  name: string;
  /** Whether it computes in float64 as ours does, and so has to give the same amounts. */
  precise: boolean;
  /** @returns undefined where it is not installed */
  run(input: string, output: string): Promise<Cost | undefined>;
}

// the model, and the same forest for the others
const models = join(folder, 'models');
await costOf([process.execPath, MAIN, 'train', '--sample', '20000', '--version', 'bench', '--out', models]);
const version = join(models, 'versions/bench');
const forest = versionForest(version);
const onnx = join(folder, 'forest.onnx');
writeFileSync(onnx, onnxModel(forest));
const onnxPrecise = join(folder, 'forest-float64.onnx');
writeFileSync(onnxPrecise, onnxModel(forest, true));
const trees = join(folder, 'trees.json');
writeFileSync(trees, JSON.stringify(plainTrees(forest)));

const predict = (name: string, program: string[], ...options: string[]): Side => ({
  name,
  precise: true,
  async run(input, output) {
    const command = [...program, 'predict', '--model', version, ...options];
    const done = await costOf(command, { stdin: input, stdout: output });
    if (done.exitCode !== 0) throw new Error(`${name} failed`);
    return done;
  },
});

const python = (name: string, precise: boolean, script: string, ...args: string[]): Side => ({
  name,
  precise,
  async run(input, output) {
    if (!hasProgram(PYTHON)) return undefined;
    const [model, ...others] = args;
    const file = join(import.meta.dir, script);
    const done = await costOf([PYTHON, '-W', 'ignore', file, version, model, input, output, ...others]);
    if (done.exitCode === NOT_INSTALLED) return undefined;
    if (done.exitCode !== 0) throw new Error(`${name} failed`);
    return done;
  },
});

async function server(): Promise<Side> {
  const port = await freePort();
  const child = start(process.execPath, [MAIN, 'serve'], {
    env: {
      PORT: `${port}`,
      METRICS_PORT: `${await freePort()}`,
      MODEL_DIR: models,
      MODEL_VERSION: 'bench',
      LOG_LEVEL: 'error',
    },
  });
  await untilAnswered(`http://127.0.0.1:${port}/readyz`, child);
  const pid = child.pid!;
  const url = `http://127.0.0.1:${port}/batch`;
  return {
    name: 'POST /batch',
    precise: true,
    async run(input, output) {
      writeFileSync(`/proc/${pid}/clear_refs`, '5');
      const before = cpuSeconds(pid);
      const command = ['curl', '-sS', '--fail', '-H', 'content-type: text/csv', '-T', input, '-X', 'POST'];
      const { exitCode, wallSeconds } = await costOf([...command, '-o', output, url]);
      if (exitCode !== 0) throw new Error('POST /batch failed');
      return { cpuSeconds: cpuSeconds(pid) - before, wallSeconds, peakMB: peakMB(pid) };
    },
  };
}

const source = [process.execPath, MAIN];
const { stdout: help } = await costOf([...source, 'predict', '--help']);
/** By itself it uses all cores, where it can use more than one. */
const onOne = help.includes('--workers') ? ['--workers', '1'] : [];
const oursOf = (from: string, program: string[]) => [
  predict(`savings predict, ${from}, 1 thread`, program, ...onOne),
  ...(onOne.length > 0 ? [predict(`savings predict, ${from}, ${CORES} threads`, program)] : []),
];
const sides: Side[] = [
  ...oursOf('source', source),
  ...(existsSync(BINARY) ? oursOf('binary', [BINARY]) : []),
  ...(hasProgram('curl') ? [await server()] : []),
  python('polars, onnxruntime, 1 thread', true, 'batch_polars.py', onnxPrecise, '1'),
  python('polars, onnxruntime, 2 threads', true, 'batch_polars.py', onnxPrecise, '2'),
  python('the same in float32, 1 thread', false, 'batch_polars.py', onnx, '1'),
  python('the same in float32, 2 threads', false, 'batch_polars.py', onnx, '2'),
  python('pandas, scikit-learn', false, 'batch_pandas.py', trees),
];
if (!existsSync(BINARY)) console.warn('**There is no dist/savings, so it is NOT measured: bun run build**');
if (!hasProgram('curl')) console.warn('**There is no curl, so POST /batch is NOT measured**');

/**
 * Holds one CSV of predictions against another: the same rows in the same order, and the same amounts. POST /batch
 * has a column more, for what is wrong with a row.
 *
 * @returns rows whose amounts differ by more than rounding, by how much at most, and of all rows on average
 * @throws when they differ by more than the precision explains
 */
function compare({ name, precise }: Side, output: string, expected: readonly string[]) {
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
  if (lines.length !== expected.length || !lines[0].startsWith(expected[0]))
    throw new Error(`${name} wrote other rows or columns: ${lines.length} lines, ${lines[0]}`);
  const first = expected[0].split(',').indexOf('prediction');
  const answersOf = (line: string) =>
    line
      .split(',')
      .slice(first, first + 3)
      .map(Number);
  let differing = 0;
  let most = 0;
  let off = 0;
  let amounts = 0;
  for (let i = 1; i < lines.length; i++) {
    // The income tells one row from another.
    if (Number.parseFloat(lines[i]) !== Number.parseFloat(expected[i]))
      throw new Error(`${name} wrote another row in line ${i + 1}`);
    const theirs = answersOf(lines[i]);
    const own = answersOf(expected[i]);
    const difference = Math.max(...own.map((value, a) => Math.abs(value - theirs[a])));
    // Written so that NaN differs.
    if (!(difference <= ROUNDING)) differing++;
    most = Math.max(most, difference);
    off += Math.abs(own[0] - theirs[0]);
    amounts += own[0];
  }
  const rows = lines.length - 1;
  if (!(off <= MAY_BE_OFF * amounts) || (precise && differing > MAY_DIFFER * rows))
    throw new Error(`${name} differs in ${differing} of ${rows} rows, by ${most} at most`);
  return { differing, most, mean: off / rows };
}

console.log(`# A CSV of predictions\n\n${machine()}; medians of ${ROUNDS} rounds in alternating order\n`);
const perRow = new Map<string, string[]>();
for (const size of SIZES) {
  const input = join(folder, 'rows.csv');
  writeFileSync(input, [...sampleCsv(size, 3)].join(''));
  const output = join(folder, 'predicted.csv');
  const costs = new Map<Side, Cost[]>();
  const differences = new Map<Side, ReturnType<typeof compare>>();
  let expected: string[] | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    for (const side of round % 2 === 0 ? [...sides] : sides.toReversed()) {
      const cost = await side.run(input, output);
      if (cost === undefined) {
        console.warn(`**${PYTHON} lacks what "${side.name}" needs, so it is NOT measured**`);
        sides.splice(sides.indexOf(side), 1);
        continue;
      }
      costs.set(side, [...(costs.get(side) ?? []), cost]);
      if (round > 0) continue;
      expected ??= readFileSync(output, 'utf8').trimEnd().split('\n');
      differences.set(side, compare(side, output, expected));
    }
  }
  const [own] = sides.map((side) => medianCost(costs.get(side)!));
  console.log(`\n## ${size} rows, load ${load()}\n`);
  console.log(`In brackets times "${sides[0].name}".\n`);
  const head = ['', 'CPU s', 'wall s', 'peak MB', 'rows that differ', 'by at most', 'all on average'];
  const rows = sides.map((side) => {
    const cost = medianCost(costs.get(side)!);
    const { differing, most, mean } = differences.get(side)!;
    const micros = (cost.cpuSeconds / size) * 1e6;
    perRow.set(side.name, [...(perRow.get(side.name) ?? []), micros.toFixed(2)]);
    return [
      side.name,
      `${cost.cpuSeconds.toFixed(2)} (${(cost.cpuSeconds / own.cpuSeconds).toFixed(2)})`,
      `${cost.wallSeconds.toFixed(2)} (${(cost.wallSeconds / own.wallSeconds).toFixed(2)})`,
      cost.peakMB.toFixed(0),
      differing,
      most.toFixed(2),
      mean.toFixed(2),
    ];
  });
  console.log(table(head, rows));
}
console.log('\n## CPU time, microseconds a row\n');
console.log(
  table(
    ['rows', ...SIZES.map(String)],
    [...perRow].map(([name, micros]) => [name, ...micros]),
  ),
);
stopAll();
process.exit(0);
