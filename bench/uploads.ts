import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleCsv } from '../src/dataset/synthetic/sample-csv.ts';
import { machine, median, table } from './measure.ts';
import {
  cpuSeconds,
  hasProgram,
  type Load,
  load,
  residentMB,
  start,
  untilAnswered,
} from './server-under-load.ts';

/**
 * Uploads several CSVs at once by curl and asks for single predictions meanwhile, against one program or against several
 * in turns: what the process holds at most, what the rows cost, and what a single prediction waits.
 *
 * bun bench/uploads.ts [name=path/of/main.ts[,SETTING=value] ...]
 */
const UPLOADS = Number(process.env.BENCH_UPLOADS ?? 4);
const ROWS = Number(process.env.BENCH_ROWS ?? 300_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
/** Some 600 requests a second while they are answered at once. */
const [CONNECTIONS, PAUSE_MS, SECONDS] = [10, 16, 3];

if (!hasProgram('wrk') || !hasProgram('curl')) {
  console.error('wrk and curl are needed: apt-get install wrk curl');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'savings-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const csv = join(folder, 'rows.csv');
writeFileSync(csv, [...sampleCsv(ROWS, 11)].join(''));

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const MODEL_DIR = process.env.MODEL_DIR ?? join(folder, 'models');

interface Round {
  idleMB: number;
  peakMB: number;
  afterMB: number;
  microsPerRow: number;
  seconds: number;
  idle: Load;
  busy: Load;
}

/** A server of its own each time, since a process keeps what it once held. */
async function round(main: string, settings: Record<string, string>): Promise<Round> {
  const port = await freePort();
  const server = start(process.execPath, [main, 'serve'], {
    env: { PORT: String(port), METRICS_PORT: String(await freePort()), MODEL_DIR, ...settings },
    log: openSync(join(folder, 'log'), 'w'),
  });
  const pid = server.pid!;
  const base = `http://127.0.0.1:${port}`;
  try {
    await untilAnswered(`${base}/readyz`, server);
    const { features } = await (await fetch(`${base}/api/v1/model`)).json();
    const household = Object.fromEntries(
      features.map(({ name, default: value }: { name: string; default: unknown }) => [name, value]),
    );
    const url = `${base}/api/v1/predict`;
    const question = { url, body: JSON.stringify({ inputs: household }), type: 'application/json' };
    const ask = () => load(question, pid, SECONDS, CONNECTIONS, PAUSE_MS);
    await ask();
    const idleMB = residentMB(pid);
    const idle = await ask();
    let peakMB = 0;
    const watch = setInterval(() => {
      peakMB = Math.max(peakMB, residentMB(pid));
    }, 10);
    const [began, cpu] = [performance.now(), cpuSeconds(pid)];
    let seconds = 0;
    const uploads = Promise.all(Array.from({ length: UPLOADS }, () => upload(`${base}/batch`))).then(() => {
      seconds = (performance.now() - began) / 1000;
    });
    const busy: Load[] = [];
    while (seconds === 0) busy.push(await ask());
    await uploads;
    clearInterval(watch);
    const asked = busy.reduce((sum, { requests }) => sum + requests, 0);
    const spent = cpuSeconds(pid) - cpu - (asked * idle.cpuMicros) / 1e6;
    return {
      idleMB,
      peakMB,
      afterMB: residentMB(pid),
      microsPerRow: (spent / UPLOADS / ROWS) * 1e6,
      seconds,
      idle,
      // The last one saw the end of the uploads too.
      busy: busy[0],
    };
  } finally {
    server.kill('SIGKILL');
  }
}

/** Sends while it reads, as curl does. @throws when a row is missing from the response */
async function upload(url: string): Promise<void> {
  const args = ['-sS', '--fail', '-T', csv, '-X', 'POST', '-H', 'content-type: text/csv', url];
  const curl = spawn('curl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines = 0;
  curl.stdout.on('data', (bytes: Uint8Array) => {
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  });
  const [code] = await once(curl, 'close');
  if (code !== 0 || lines !== ROWS + 1) throw new Error(`curl ended with ${code} after ${lines} lines.`);
}

const given = process.argv.slice(2);
const candidates = (given.length > 0 ? given : [`here=${join(import.meta.dir, '../src/main.ts')}`]).map(
  (text) => {
    const [program, ...settings] = text.split(',');
    const [name, main] = program.split('=');
    return {
      name,
      main,
      settings: Object.fromEntries(settings.map((setting) => setting.split('='))),
      rounds: [] as Round[],
    };
  },
);
for (let i = 0; i < ROUNDS; i++) {
  for (const { main, settings, rounds } of candidates) rounds.push(await round(main, settings));
}
console.log(`${machine()}; ${UPLOADS} uploads of ${ROWS} rows at once, medians of ${ROUNDS} rounds`);
console.log(
  table(
    ['', 'MB idle', 'at most', 'after', 'us a row', 'seconds', 'p50, p99 idle', 'p50, p99 meanwhile'],
    candidates.map(({ name, rounds }) => {
      const of = (value: (round: Round) => number) => median(rounds.map(value));
      const p = (which: 'idle' | 'busy') =>
        `${of((r) => r[which].p50Ms).toFixed(1)}, ${of((r) => r[which].p99Ms).toFixed(1)} ms`;
      return [
        name,
        of((r) => r.idleMB).toFixed(0),
        `${of((r) => r.peakMB).toFixed(0)} (${Math.max(...rounds.map((r) => r.peakMB)).toFixed(0)})`,
        of((r) => r.afterMB).toFixed(0),
        of((r) => r.microsPerRow).toFixed(2),
        of((r) => r.seconds).toFixed(1),
        p('idle'),
        p('busy'),
      ];
    }),
  ),
);
process.exit(0);
