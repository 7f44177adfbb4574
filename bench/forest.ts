import { RandomForestRegression } from 'ml-random-forest';
import { flatten } from '../src/forest/flatten.ts';
import type { Forest } from '../src/forest/forest.ts';
import type { ForestJson } from '../src/forest/format.ts';
import { jsKernel } from '../src/forest/kernel/js-kernel.ts';
import { compile } from '../src/forest/predict.ts';
import { FEATURES, households, rowsOf } from './households.ts';
import { type Candidate, machine, sideBySide, type Timing, table } from './measure.ts';
import { onnxModel } from './onnx-model.ts';
import type { Share } from './predict-worker.ts';
import { CORES, SHAPES, trainOnCores } from './train-forest.ts';

const ort = await import('onnxruntime-node').catch(() => {
  console.error('onnxruntime-node is not installed: run `bun install` in bench/ first.');
  process.exit(1);
});

const SIZES = [1, 32, 1_000, 10_000];
const MOST = Math.max(...SIZES);

/** A forest that is ready to answer. */
interface Engine {
  name: string;
  /** Answers for `size` rows from row `from` on, first in what is returned. */
  predict(size: number, from: number): Answers | Promise<Answers>;
  /** The least batch that it is meant for. */
  least?: number;
}
type Answers = ArrayLike<number>;

function ours(name: string, forest: Forest, rows: Float64Array, kernel?: typeof jsKernel): Engine {
  const evaluator = compile(forest, kernel);
  const out = new Float64Array(MOST);
  return {
    name,
    predict(size, from) {
      const batch = rows.subarray(from * FEATURES, (from + size) * FEATURES);
      if (size === 1) out[0] = evaluator.predictOne(batch);
      else evaluator.predictBatch(batch, size, out.subarray(0, size));
      return out;
    },
  };
}

/** Our engine on all cores: each worker holds a copy of the forest, rows and answers lie in shared memory. */
async function oursOnAllCores(name: string, forest: Forest, rows: Float64Array) {
  const shared = (length: number) => new Float64Array(new SharedArrayBuffer(length * 8));
  const sharedRows = shared(rows.length);
  sharedRows.set(rows);
  const answers = shared(MOST);
  const workers = Array.from(
    { length: CORES },
    () => new Worker(new URL('./predict-worker.ts', import.meta.url), { type: 'module' }),
  );
  const ask = (worker: Worker, message: Forest | Share) =>
    new Promise((resolve) => {
      worker.onmessage = resolve;
      worker.postMessage(message);
    });
  await Promise.all(workers.map((worker) => ask(worker, forest)));
  const engine: Engine = {
    name,
    async predict(size) {
      const edge = (w: number) => Math.round((size * w) / CORES);
      await Promise.all(
        workers.map((worker, w) =>
          ask(worker, { rows: sharedRows, answers, from: edge(w), to: edge(w + 1) }),
        ),
      );
      return answers;
    },
  };
  return { engine, stop: () => workers.forEach((worker) => void worker.terminate()) };
}

function library(name: string, json: ForestJson, rows: Float64Array): Engine {
  const forest = RandomForestRegression.load(json as never);
  const lists = Array.from({ length: MOST }, (_, r) => [...rows.subarray(r * FEATURES, (r + 1) * FEATURES)]);
  return { name, predict: (size, from) => forest.predict(lists.slice(from, from + size)) };
}

async function onnx(name: string, model: Uint8Array, rows: Float64Array, threads: number): Promise<Engine> {
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const singles = Float32Array.from(rows);
  return {
    name,
    async predict(size, from) {
      const batch = singles.subarray(from * FEATURES, (from + size) * FEATURES);
      const input = new ort.Tensor('float32', batch, [size, FEATURES]);
      const { Y } = await session.run({ X: input });
      return Y.data as Float32Array;
    },
  };
}

/** Ends the bench unless all engines give the same answers; onnxruntime's are float32, from float32 thresholds. */
async function check(engines: Engine[], isSingle: (engine: Engine) => boolean) {
  const [first, ...others] = engines;
  const expected = Float64Array.from(await first.predict(MOST, 0));
  for (const engine of others) {
    const answers = await engine.predict(MOST, 0);
    for (let r = 0; r < MOST; r++) {
      const off = Math.abs(Math.fround(expected[r]) - answers[r]) / Math.abs(expected[r]);
      if (isSingle(engine) ? !(off < 1e-5) : !Object.is(answers[r], expected[r]))
        throw new Error(`${engine.name} answers row ${r} otherwise than ${first.name}`);
    }
  }
}

/** Each run takes the next rows, since a row that was just answered is answered faster. */
function candidate({ name, predict }: Engine, size: number): Candidate {
  let from = 0;
  return {
    name,
    run() {
      from = from + 2 * size > MOST ? 0 : from + size;
      const answers = predict(size, from);
      return answers instanceof Promise ? answers.then((given) => given[0]) : answers[0];
    },
  };
}

const training = households(20_000, 1);
const rows = rowsOf(households(MOST, 777));
console.log(`# Predictions\n\n${machine()}\n`);

for (const [shape, options] of Object.entries(SHAPES)) {
  const json = JSON.parse(await trainOnCores(training, options)) as ForestJson;
  const forest = flatten(json, FEATURES);
  const model = onnxModel(forest);
  const parallel = await oursOnAllCores(`ours, ${CORES} workers`, forest, rows);
  const engines = [
    ours('ours', forest, rows),
    ours('ours, JavaScript only', forest, rows, jsKernel),
    parallel.engine,
    library('ml-random-forest', json, rows),
    await onnx('onnxruntime-node, 1 thread', model, rows, 1),
    await onnx(`onnxruntime-node, ${CORES} threads`, model, rows, CORES),
  ];
  await check(engines, ({ name }) => name.startsWith('onnxruntime'));

  const results: (Timing | undefined)[][] = engines.map(() => []);
  for (const size of SIZES) {
    const times = await sideBySide(
      engines.filter(({ least = 1 }) => size >= least).map((engine) => candidate(engine, size)),
    );
    engines.forEach(({ name }, e) => {
      results[e].push(times.get(name));
    });
  }
  parallel.stop();

  const tableOf = (measure: keyof Timing) =>
    table(
      ['batch of', ...SIZES.map(String)],
      engines.map(({ name }, e) => [
        name,
        ...results[e].map((timing, s) => {
          if (timing === undefined) return '';
          const perRow = (timing[measure] / SIZES[s]) * 1_000;
          return `${perRow.toFixed(2)} (${(timing[measure] / results[0][s]![measure]).toFixed(1)})`;
        }),
      ]),
    );
  console.log(
    `## Forest ${shape}: ${forest.trees} trees, ${forest.nodeCount} nodes\n\n` +
      `Microseconds a row and, in brackets, times ours. Every engine gave the same answers.\n\n` +
      `CPU time:\n\n${tableOf('cpu')}\n\nWall time:\n\n${tableOf('wall')}\n`,
  );
}

console.log('## From a compressed artifact to the first answer (forest M, a process of its own)\n');
const path = `${import.meta.dir}/node_modules/.cache-forest-m.json.gz`;
await Bun.write(path, Bun.gzipSync(await trainOnCores(training, SHAPES.M)));
Bun.spawnSync([process.execPath, `${import.meta.dir}/load.ts`, path], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
