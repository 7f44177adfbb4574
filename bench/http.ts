import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleCsv } from '../src/dataset/synthetic/sample-csv.ts';
import type { Inputs } from '../src/model/features.ts';
import { freePort } from './free-port.ts';
import { machine, median, table } from './measure.ts';
import { onnxModel } from './onnx-model.ts';
import {
  hasProgram,
  type Load,
  load,
  type Question,
  residentMB,
  start,
  stopAll,
  untilAnswered,
} from './server-under-load.ts';
import { versionForest } from './version-forest.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const CONNECTIONS = 64;
const PYTHON = process.env.PYTHON ?? 'python3';
const BATCH = 100;
/** With as many connections, some 3,500 requests a second. */
const PAUSE_MS = 16;
const WARM_UP = { requests: 60_000, ms: 12_000 };
const memory = process.argv.includes('--memory');

if (!hasProgram('wrk')) {
  console.error('wrk is not installed: apt-get install wrk');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'savings-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

interface Candidate {
  name: string;
  pid: number;
  question: Question;
  rows: number;
}

// ours, with everything on: metrics, access log (to a file, so that it is really written), headers, limits
const port = await freePort();
const modelDir = process.env.MODEL_DIR ?? join(folder, 'models');
const log = openSync(join(folder, 'access.log'), 'w');
const ours = start(process.execPath, [join(import.meta.dir, '../src/main.ts'), 'serve'], {
  env: {
    PORT: String(port),
    METRICS_PORT: String(await freePort()),
    MODEL_DIR: modelDir,
    LOG_FORMAT: 'json',
  },
  log,
});
const base = `http://127.0.0.1:${port}`;
await untilAnswered(`${base}/readyz`, ours);
const model = await (await fetch(`${base}/api/v1/model`)).json();
const features: { name: string; column: string; min: number; max: number; default: number }[] =
  model.features;

const defaults = Object.fromEntries(features.map((feature) => [feature.name, feature.default])) as Inputs;
const households = Array.from({ length: BATCH }, (_, i) => ({ ...defaults, income: 30_000 + 700 * i }));
const one = households[17];
const JSON_TYPE = 'application/json';
const json = (url: string, value: unknown): Question => ({
  url,
  body: JSON.stringify(value),
  type: JSON_TYPE,
});
const v2Url = `${base}/v2/models/${model.name}/infer`;
const v2 = (rows: Inputs[]) => ({
  inputs: [
    {
      name: 'inputs',
      datatype: 'FP64',
      shape: [rows.length, features.length],
      data: rows.flatMap((row) => features.map(({ name }) => row[name])),
    },
  ],
  outputs: [{ name: model.target.name }],
});
const questions = {
  one: json(`${base}/api/v1/predict`, { inputs: one }),
  many: json(`${base}/api/v1/predict`, { inputs: households }),
  v2: json(v2Url, v2([one])),
  page: {
    url: `${base}/predict`,
    body: new URLSearchParams(Object.entries(one).map(([name, value]) => [name, String(value)])).toString(),
    type: 'application/x-www-form-urlencoded',
    headers: { 'hx-request': 'true' },
  },
};

const ask = async ({ url, body, type, headers }: Question) => {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': type, ...headers } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response;
};

// the same answers, whichever way they are asked for
const many: { amount: number }[] = (await (await ask(questions.many)).json()).predictions;
const amounts = many.map(({ amount }) => amount);
const alone = (await (await ask(questions.one)).json()).predictions[0].amount;
const tensors = (await (await ask(json(v2Url, v2(households)))).json()).outputs[0].data;
if (alone !== amounts[17] || JSON.stringify(tensors) !== JSON.stringify(amounts)) {
  throw new Error('The API and V2 do not answer alike.');
}
const bytesOf = async (question: Question) => String((await (await ask(question)).bytes()).length);

async function bare(mode: 'constant' | 'parse', like: Question): Promise<Candidate> {
  const child = start(process.execPath, [join(import.meta.dir, 'bare-server.ts'), mode, await bytesOf(like)]);
  const [first] = await once(child.stdout!, 'data');
  const url = `http://127.0.0.1:${JSON.parse(String(first)).port}/`;
  return { name: `bare Bun.serve, ${mode}`, pid: child.pid!, question: { ...like, url }, rows: 1 };
}

/** A server in Python of the same households. */
interface Peer {
  name: string;
  python: string;
  /** In bench/, and what it needs that is not everywhere. */
  script: string;
  needs: string;
  args: string[];
  one: Question;
  many: Question;
  amounts(answer: unknown): number[];
  /** By how much of their income its amounts may differ from ours in the median. */
  mayDiffer: number;
}

/** Started, and asked the same as ours; undefined where it is not installed. */
async function started(peer: Peer): Promise<Candidate | undefined> {
  const { name, python, script, args, one: question, many: all, mayDiffer } = peer;
  const missing = (why: string) => {
    console.error(`**No ${name}, so it is NOT measured: ${python} needs ${peer.needs} (${why})**`);
    return undefined;
  };
  if (!hasProgram(python)) return missing('there is no such program');
  const log = openSync(join(folder, 'peer.log'), 'w');
  const child = start(python, ['-W', 'ignore', join(import.meta.dir, script), ...args], { log });
  const init = { method: 'POST', body: all.body, headers: { 'content-type': JSON_TYPE } };
  const response = await untilAnswered(all.url, child, init).catch(() => undefined);
  if (response === undefined) {
    return missing(readFileSync(join(folder, 'peer.log'), 'utf8').trimEnd().split('\n').at(-1)!);
  }
  const difference = median(
    peer
      .amounts(await response.json())
      .map((value, i) => Math.abs(value - amounts[i]) / households[i].income),
  );
  if (!(difference <= mayDiffer))
    throw new Error(`${name} differs by ${difference} of income in the median.`);
  console.log(
    `${name}: its answers are within ${(100 * difference).toFixed(4)} % of income of ours in the median.`,
  );
  return { name, pid: child.pid!, question, rows: 1 };
}

const csv = join(folder, 'rows.csv');
writeFileSync(csv, [...sampleCsv(model.trainer.rows, 3)].join(''));
const version = join(modelDir, 'versions', model.version);
const onnx = join(folder, 'forest.onnx');
// In float64, so that its answers are ours.
writeFileSync(onnx, onnxModel({ ...versionForest(version), quantiles: null }, true));
const ports = {
  sklearn: `${await freePort()}`,
  onnx: `${await freePort()}`,
  mlserver: `${await freePort()}`,
};
const unused = [`${await freePort()}`, `${await freePort()}`];
const predictionsOf = (answer: unknown) => (answer as { predictions: number[] }).predictions;
const asked = (port: string) => ({
  one: json(`http://127.0.0.1:${port}/predict`, { inputs: [one] }),
  many: json(`http://127.0.0.1:${port}/predict`, { inputs: households }),
});
const mlserverUrl = `http://127.0.0.1:${ports.mlserver}/v2/models/forest/infer`;
const PEERS: Peer[] = [
  {
    name: 'onnxruntime, FastAPI, uvicorn',
    python: PYTHON,
    script: 'fastapi_onnx.py',
    needs: 'onnxruntime, fastapi and uvicorn',
    args: [version, onnx, ports.onnx],
    ...asked(ports.onnx),
    amounts: predictionsOf,
    mayDiffer: 1e-6,
  },
  {
    name: 'onnxruntime, MLServer (V2)',
    python: process.env.MLSERVER_PYTHON ?? PYTHON,
    script: 'mlserver_onnx.py',
    needs: 'onnxruntime and mlserver',
    args: [version, onnx, ports.mlserver, ...unused],
    one: json(mlserverUrl, v2([one])),
    many: json(mlserverUrl, v2(households)),
    amounts: (answer) => (answer as { outputs: { data: number[] }[] }).outputs[0].data,
    mayDiffer: 1e-6,
  },
  {
    name: 'scikit-learn, FastAPI, uvicorn',
    python: PYTHON,
    script: 'fastapi_server.py',
    needs: 'scikit-learn, fastapi and uvicorn',
    args: [csv, ports.sklearn, JSON.stringify(features), model.target.column],
    ...asked(ports.sklearn),
    amounts: predictionsOf,
    // Another forest of the same shape from the same law: near, not equal; its clamp is ours alone.
    mayDiffer: 0.05,
  },
];

const peers: Candidate[] = [];
for (const peer of PEERS) {
  const candidate = await started(peer);
  if (candidate) peers.push(candidate);
}
const pid = ours.pid!;
const candidates: Candidate[] = [
  await bare('constant', questions.one),
  await bare('parse', questions.one),
  { name: 'POST /api/v1/predict, 1 row', pid, question: questions.one, rows: 1 },
  { name: `POST /api/v1/predict, ${BATCH} rows`, pid, question: questions.many, rows: BATCH },
  { name: 'POST /v2/.../infer, 1 row', pid, question: questions.v2, rows: 1 },
  { name: 'POST /predict, fragment', pid, question: questions.page, rows: 1 },
  ...peers,
];

// The compiler of a busy machine takes its time: until then a request costs twice what it does later.
for (const { question, pid: its } of candidates) {
  const until = performance.now() + WARM_UP.ms;
  for (let requests = 0; requests < WARM_UP.requests && performance.now() < until; ) {
    requests += (await load(question, its, 2, CONNECTIONS)).requests;
  }
}

const [PARSE, SINGLE, MANY, V2] = [1, 2, 3, 4];
const FIRST_PEER = candidates.length - peers.length;

const results = candidates.map((): Load[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, { question, pid: its }] of candidates.entries()) {
    const result = await load(question, its, i < FIRST_PEER ? SECONDS : 3 * SECONDS, CONNECTIONS);
    results[i].push(result);
  }
}
/** CPU of a single prediction and of the bare server that parses, both asked at the same rate. */
const sameRate: { ours: number; bare: number }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const micros = async (i: number) => {
    const { question, pid: its } = candidates[i];
    return (await load(question, its, 2 * SECONDS, CONNECTIONS, PAUSE_MS)).cpuMicros;
  };
  sameRate.push({ bare: await micros(PARSE), ours: await micros(SINGLE) });
}

const of = (i: number, key: keyof Load) => median(results[i].map((result) => result[key]));
/** Of two candidates round by round, since they ran next to each other. */
const ratio = (a: number, b: number, key: keyof Load) =>
  median(results[a].map((result, round) => result[key] / results[b][round][key]));

console.log(`\n${machine()}; wrk, ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s, medians.\n`);
console.log(
  table(
    ['server', 'requests/s', 'p50 ms', 'p99 ms', 'CPU us a request', 'CPU us a row', 'RSS after MB'],
    candidates.map(({ name, rows, pid: its }, i) => [
      name,
      Math.round(of(i, 'requestsPerSecond')),
      of(i, 'p50Ms').toFixed(2),
      of(i, 'p99Ms').toFixed(2),
      of(i, 'cpuMicros').toFixed(1),
      (of(i, 'cpuMicros') / rows).toFixed(1),
      residentMB(its).toFixed(0),
    ]),
  ),
);
// As fast as each answers, the slower one also pays for waking wrk, which sleeps meanwhile: a bare server that does
// nothing but wait 40 us more then costs 60 us more.
console.log(`
CPU of a single prediction, to the bare server that parses (at most 2.25):
  as fast as each answers    ${ratio(SINGLE, PARSE, 'cpuMicros').toFixed(2)}
  at the same rate           ${median(sameRate.map(({ ours, bare }) => ours / bare)).toFixed(2)}
CPU of a row of ${BATCH}, to a single one's: ${(ratio(MANY, SINGLE, 'cpuMicros') / BATCH).toFixed(3)} (at most 0.25)
p99 of a single prediction, to the bare server that parses: ${ratio(SINGLE, PARSE, 'p99Ms').toFixed(2)} (below 4)`);
for (const [p, { name, question }] of peers.entries()) {
  const own = question.url === mlserverUrl ? V2 : SINGLE;
  const times = (key: keyof Load) => ratio(FIRST_PEER + p, own, key).toFixed(1);
  const faster = ratio(own, FIRST_PEER + p, 'requestsPerSecond').toFixed(1);
  console.log(
    `${name}, to ours of the same protocol: ${times('cpuMicros')} times the CPU; ours answers ${faster} times the requests`,
  );
}

if (memory) {
  let requests = 0;
  const at: number[] = [];
  for (const until of [100_000, 1_000_000]) {
    while (requests < until) {
      requests += (await load(questions.one, pid, 5, CONNECTIONS)).requests;
    }
    at.push(residentMB(pid));
  }
  const [early, late] = at as [number, number];
  console.log(
    `Resident after 100,000 more requests ${early.toFixed(0)} MB, after 1,000,000 ${late.toFixed(0)} MB ` +
      `(within 10, below 150); log lines written: ${readFileSync(join(folder, 'access.log'), 'utf8').split('\n').length - 1}`,
  );
}
stopAll();
process.exit(0);
