/**
 * `bun run cluster`: a Kubernetes on this machine with the overlay dev and the monitoring in it, and the model of
 * MODEL_DIR (docs/cluster.md). `bun run cluster -- down` ends it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureSampleModel } from '../../src/cli/server/sample-model.ts';
import { readConfig } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { DirectorySource } from '../../src/serving/source.ts';

/** All that is kept of it, while it runs. Its name is fixed: whatever has it is taken away. */
const folder = resolve(
  process.env.CLUSTER_FOLDER || process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'savings-cluster',
);
const log = join(folder, 'log');
const pidFile = join(folder, 'pid');

const say = (line = '') => process.stdout.write(`${line}\n`);
const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

/** The process that holds the cluster, when there is one. */
function holder(): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  try {
    // Another process may have its number by now.
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes(`tools/cluster/hold.ts\0${folder}\0`) ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function up(): Promise<void> {
  const child = holder() === undefined ? hold(await modelFolder()) : undefined;
  await ready(() => (child === undefined ? holder() !== undefined : child.exitCode === null));
  sayWhere();
}

/** @returns undefined when another has begun to, while a model was trained */
function hold(version: string): ChildProcess | undefined {
  if (holder() !== undefined) return undefined;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const output = openSync(log, 'w');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hold.ts'), folder, version], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  writeFileSync(pidFile, String(child.pid));
  child.unref();
  say('Starting. The first time its programs are built, which takes some minutes.');
  return child;
}

/** @returns the folder of the version that a server would serve; a sample is trained where there is none */
async function modelFolder(): Promise<string> {
  const { MODEL_DIR, MODEL_VERSION } = process.env;
  const config = readConfig({ MODEL_DIR, MODEL_VERSION });
  await ensureSampleModel(
    config.modelDir,
    createLog('info', 'pretty', (line) => process.stderr.write(line)),
  );
  const fetched = await new DirectorySource({ ...config, publicKeys: undefined }).fetch(undefined);
  return resolve(config.modelDir, 'versions', fetched!.artifact.manifest.version);
}

/** Says what is written to the log until all is ready. */
async function ready(runs: () => boolean): Promise<void> {
  let said = 0;
  for (;;) {
    if (!existsSync(log)) fail('The cluster was told to end before it was ready.');
    const text = readFileSync(log, 'utf8');
    process.stdout.write(text.slice(said));
    said = text.length;
    if (existsSync(join(folder, 'ports.json'))) return;
    if (!runs()) fail(`The cluster did not start: see above, and ${log}.`);
    await Bun.sleep(200);
  }
}

function sayWhere(): void {
  const { page, prometheus } = JSON.parse(readFileSync(join(folder, 'ports.json'), 'utf8'));
  const kubectl = Bun.which('kubectl') ? 'kubectl' : join(programs(), 'kubectl');
  say();
  say(`The page            http://localhost:${page}`);
  say(`Prometheus          http://localhost:${prometheus}`);
  say(
    `Kubernetes          export KUBECONFIG=${join(folder, 'kubeconfig')}, then ${kubectl} get pods --all-namespaces`,
  );
  say('To end it           bun run cluster -- down');
}

/** The folder of the cluster's programs, which are there by now. */
const programs = () =>
  Bun.spawnSync([join(import.meta.dirname, '../../.ci/cluster-programs')])
    .stdout.toString()
    .trim();

async function down(): Promise<void> {
  const pid = holder();
  if (pid === undefined) {
    // Of one that was killed.
    rmSync(folder, { recursive: true, force: true });
    say('No cluster runs.');
    return;
  }
  process.kill(pid, 'SIGTERM');
  while (holder() !== undefined) await Bun.sleep(100);
  rmSync(folder, { recursive: true, force: true });
  say('The cluster is gone.');
}

const [command = 'up', ...rest] = process.argv.slice(2);
if (rest.length > 0 || !['up', 'down'].includes(command)) fail('usage: bun run cluster [-- down]');
try {
  await (command === 'down' ? down() : up());
} catch (error) {
  // What cannot be done is said; anything else is a defect, and shown whole.
  if (!(error instanceof AppError)) throw error;
  fail(error.message);
}
