import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXPAND, localPrometheusConfig, localRules, type Targets } from '../../tools/local-prometheus.ts';
import { freePort } from '../support/free-port.ts';
import { ROOT } from '../support/server-process.ts';
import { RULES } from './expressions.ts';

const CONFIG = join(ROOT, 'kustomize/monitoring/prometheus/prometheus.yml');
const INTERVAL = '500ms';
const PATIENCE_MS = 30_000;
/** What the tests' Prometheus finds in its environment, as in a cluster. */
export const RUNBOOK_BASE = 'https://github.com/owner/name/blob/main/';

export interface Series {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

/** A Prometheus that runs the cluster's configuration. */
export interface PrometheusServer {
  /** @throws when Prometheus refuses the expression */
  query(expr: string): Promise<Series[]>;
  /** The labels of every series that the selector chooses. */
  series(selector: string): Promise<Record<string, string>[]>;
  /** Resolves when the expression gives something. */
  until(expr: string): Promise<void>;
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

/** @param alertmanager where it listens; it is told of alerts at once, whatever their `for` says */
export async function startPrometheus(targets: Targets, alertmanager?: string): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'savings-prometheus-'));
  await mkdir(join(folder, 'rules'));
  for (const file of await readdir(RULES)) {
    const rules = localRules(
      await readFile(join(RULES, file), 'utf8'),
      { interval: INTERVAL },
      alertmanager !== undefined,
    );
    await writeFile(join(folder, 'rules', file), rules);
  }
  const address = `127.0.0.1:${await freePort()}`;
  const config = localPrometheusConfig(await readFile(CONFIG, 'utf8'), {
    targets,
    address,
    ruleFiles: join(folder, 'rules/*.yml'),
    interval: INTERVAL,
    ...(alertmanager && { alertmanager }),
  });
  await writeFile(join(folder, 'prometheus.yml'), config);
  const process = startProcess('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
    EXPAND,
    // An alert that is not sent again ends after four of these.
    ...(alertmanager ? ['--rules.alert.resend-delay=1s'] : []),
  ]);

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const body = (await response.json()) as { status: string; error?: string; data: T };
    if (body.status !== 'success') throw new Error(`Prometheus refuses ${path}: ${body.error}`);
    return body.data;
  };
  const query = async (expr: string) => {
    const { resultType, result } = await get<{ resultType: string; result: Series[] }>(
      `query?query=${encodeURIComponent(expr)}`,
    );
    return resultType === 'vector' ? result : [];
  };
  const server: PrometheusServer = {
    query,
    get,
    series: (selector) => get(`series?match[]=${encodeURIComponent(selector)}`),
    until: (expr) => patiently(expr, async () => (await query(expr)).length > 0),
    stop: async () => {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await patiently('Prometheus should be ready', () => answers(`http://${address}/-/ready`)).catch(
    async (error) => {
      await server.stop();
      throw new Error(`${error.message}: ${process.said()}`);
    },
  );
  return server;
}

/** Debian's node-exporter, on a free port. */
export async function startNodeExporter(): Promise<{ address: string; stop(): Promise<void> }> {
  const address = `127.0.0.1:${await freePort()}`;
  const process = startProcess('prometheus-node-exporter', [`--web.listen-address=${address}`]);
  await patiently('node-exporter should be ready', () => answers(`http://${address}/`));
  return { address, stop: process.stop };
}

export function startProcess(command: string, args: string[]) {
  const child = spawn(command, args, {
    env: { ...process.env, RUNBOOK_BASE },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    said: () => said,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export async function patiently(what: string, check: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await check())) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`It did not come to that: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
