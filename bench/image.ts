/**
 * What the image costs: its size beside Bun's own, its start beside a bare Hono server's, its memory at rest, after
 * work and while a model is refreshed. `.ci/image bun bench/image.ts` builds the image and runs this on it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Container, engine, freePort, HARDENED, IMAGE } from '../test/image/container.ts';
import { machine, median, table } from './measure.ts';

const MB = 1e6;
const STARTS = 15;
const PREDICTIONS = 100_000;
const REFRESHES = 10;
const work = mkdtempSync(join(tmpdir(), 'savings-bench-image-'));
const rootfs = join(work, 'rootfs');
const rows: string[][] = [];
let missed = 0;

function report(what: string, figure: string, goal = '', reached = true): void {
  rows.push([what, figure, goal && `${goal}: ${reached ? 'yes' : 'NO'}`]);
  if (!reached) missed++;
}

function run(command: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', command], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout.trim();
}

/** Compressed as registries do, megabytes. */
function sizes(): void {
  mkdirSync(rootfs);
  const id = engine('create', IMAGE);
  engine('export', '--output', join(work, 'image.tar'), id);
  engine('rm', id);
  run(`tar -xf ${work}/image.tar -C ${rootfs}`);
  const image = Number(run(`gzip -6 -c ${work}/image.tar | wc -c`));
  const bun = Number(run(`gzip -6 -c "$(readlink -f ${process.execPath})" | wc -c`));
  report('image, compressed', `${(image / MB).toFixed(1)} MB`);
  report('Bun itself, compressed', `${(bun / MB).toFixed(1)} MB`);
  report('  ratio', (image / bun).toFixed(2), 'at most 1.20', image / bun <= 1.2);
}

/** Milliseconds from starting a program to its first 200. */
async function startMs(program: string, path: string, environment: Record<string, string>): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(program, [], {
    env: { HOME: '/', ...environment, PORT: String(port), METRICS_PORT: '0' },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    for (;;) {
      const signal = AbortSignal.timeout(5_000);
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal }).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.status === 200) return performance.now() - began;
      if (performance.now() - began > 30_000) throw new Error(`${program} does not answer ${path}`);
      await Bun.sleep(1);
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function starts(models: string): Promise<void> {
  const hello = join(work, 'hello');
  run(
    `bun build --compile --minify --bytecode --format=esm --no-compile-autoload-dotenv --no-compile-autoload-bunfig ${import.meta.dir}/hello.ts --outfile ${hello}`,
  );
  const ours = join(rootfs, 'savings');
  const times = { hello: [] as number[], live: [] as number[], page: [] as number[] };
  // In turns, so that whatever else the machine does meets all alike.
  for (let i = 0; i < STARTS; i++) {
    times.hello.push(await startMs(hello, '/livez', {}));
    times.live.push(await startMs(ours, '/livez', { MODEL_DIR: models }));
    times.page.push(await startMs(ours, '/', { MODEL_DIR: models }));
  }
  const ratio = median(times.live)! / median(times.hello)!;
  report('bare Hono: start to first 200', `${median(times.hello)!.toFixed(0)} ms`);
  report('ours: start to first 200', `${median(times.live)!.toFixed(0)} ms`);
  report('  ratio', ratio.toFixed(2), 'at most 1.50', ratio <= 1.5);
  report('ours: start to first page with a prediction', `${median(times.page)!.toFixed(0)} ms`);
}

const INPUTS =
  '{"inputs":{"income":60000,"age":40,"dependents":2,"rent":12000,"loanRepayment":3000,"insurance":2000,"groceries":7000,"transport":3500,"eatingOut":2000,"entertainment":2000,"utilities":3500,"healthcare":2400,"education":4000,"miscellaneous":1200}}';

async function predictMany(url: string, count: number): Promise<void> {
  let left = count;
  const visitor = async () => {
    while (left-- > 0) {
      const answer = await fetch(`${url}/api/v1/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: INPUTS,
        signal: AbortSignal.timeout(30_000),
      });
      if (answer.status !== 200) throw new Error(await answer.text());
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: 8 }, visitor));
}

/** Resident megabytes of a process: now, or at most since `forgetPeak`. */
function residentMb(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  const kb = Number(
    readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${which}:\\s+(\\d+) kB`, 'm'))?.[1],
  );
  return (kb * 1024) / MB;
}

const forgetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** The sample model that a first start makes, and the same under another name; returns the first's. */
async function defaultModel(models: string): Promise<string> {
  mkdirSync(models);
  run(`chown 65532:65532 ${models}`);
  chmodSync(models, 0o777);
  const container = await Container.start({ flags: [...HARDENED, `--volume=${models}:/models`] });
  try {
    report('most resident while training the sample model', '');
    const { model } = await container.ready(300_000);
    rows.at(-1)![1] = `${residentMb(container.pid, 'VmHWM').toFixed(0)} MB`;
    const versions = join(models, 'versions');
    const twin = join(versions, `${model.version}-b`);
    cpSync(join(versions, model.version), twin, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(twin, 'manifest.json'), 'utf8'));
    writeFileSync(
      join(twin, 'manifest.json'),
      JSON.stringify({ ...manifest, version: `${model.version}-b` }),
    );
    return model.version;
  } finally {
    container.remove();
  }
}

/** Points channel prod of the directory at a version. */
function promote(models: string, version: string, sequence: number): void {
  const manifest = readFileSync(join(models, 'versions', version, 'manifest.json'));
  const channel = {
    version,
    manifestSha256: createHash('sha256').update(manifest).digest('hex'),
    sequence,
    promotedAt: new Date().toISOString(),
    reason: 'bench',
    previous: [],
  };
  mkdirSync(join(models, 'channels'), { recursive: true });
  writeFileSync(join(models, 'channels/next'), JSON.stringify(channel));
  renameSync(join(models, 'channels/next'), join(models, 'channels/prod.json'));
}

async function memory(models: string, version: string): Promise<void> {
  promote(models, version, 1);
  const container = await Container.start({
    flags: [...HARDENED, `--volume=${models}:/models`],
    environment: { MODEL_REFRESH_SECONDS: '1', MODEL_VERSION: 'channel:prod' },
  });
  try {
    await container.ready();
    const { pid } = container;
    const peakOfStart = residentMb(pid, 'VmHWM');
    await Bun.sleep(10_000);
    const idle = residentMb(pid, 'VmRSS');
    report('resident when idle', `${idle.toFixed(0)} MB`, 'under 80', idle < 80);
    await predictMany(container.url, PREDICTIONS);
    await Bun.sleep(2_000);
    const after = residentMb(pid, 'VmRSS');
    report(`resident after ${PREDICTIONS} predictions`, `${after.toFixed(0)} MB`, 'under 120', after < 120);
    let peak = 0;
    for (let i = 1; i <= REFRESHES; i++) {
      forgetPeak(pid);
      const next = i % 2 === 1 ? `${version}-b` : version;
      promote(models, next, i + 1);
      while ((await container.ready()).model.version !== next) await predictMany(container.url, 50);
      peak = Math.max(peak, residentMb(pid, 'VmHWM'));
    }
    report('most resident at the start', `${peakOfStart.toFixed(0)} MB`);
    report(`most resident in ${REFRESHES} refreshes under load`, `${peak.toFixed(0)} MB`);
  } finally {
    container.remove();
  }
}

try {
  const models = join(work, 'models');
  sizes();
  const version = await defaultModel(models);
  await starts(models);
  await memory(models, version);
  console.log(`\n${machine()}\n\n${table(['what', 'measured', 'goal'], rows)}`);
} finally {
  rmSync(work, { recursive: true });
}
process.exit(missed > 0 ? 1 : 0);
