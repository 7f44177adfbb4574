/**
 * `bun run observe`: the server, and beside it Prometheus and node-exporter where they are installed, with the
 * cluster's own scrape configuration and rules. Ends with Ctrl-C, and leaves nothing behind but the server's models.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERY_ADDRESS, localUrl, plainAddress } from '../src/listen-address.ts';
import { EXPAND, localPrometheusConfig, localRules, monitoringPod, savingsPod } from './local-prometheus.ts';

const ROOT = join(import.meta.dirname, '..');
const PROMETHEUS = join(ROOT, 'kustomize/monitoring/prometheus');
const INTERVAL = '2s';

const port = (setting: string, otherwise: number) => Number(process.env[setting] || otherwise);
const PORTS = {
  server: port('PORT', 8080),
  metrics: port('METRICS_PORT', 9464),
  prometheus: port('PROMETHEUS_PORT', 9090),
  nodeExporter: port('NODE_EXPORTER_PORT', 9100),
};
const local = (name: keyof typeof PORTS) => `127.0.0.1:${PORTS[name]}`;

/** What is worth a first look, as Prometheus' own pages show it. */
const QUESTIONS: readonly [question: string, expr: string][] = [
  ['requests a second, by route', 'sum by (route) (rate(savings_http_requests_total[1m]))'],
  [
    'p99 latency',
    'histogram_quantile(0.99, sum by (le) (rate(savings_http_request_duration_seconds_bucket[1m])))',
  ],
  ['predictions, by surface', 'sum by (surface) (savings_predictions_total)'],
  ['which model is live', 'savings_model_info'],
  ['drift by feature, from 200 rows on', 'savings:feature_psi:day / savings:feature_psi:threshold'],
];

const say = (line = '') => process.stdout.write(`${line}\n`);

/** Prometheus' configuration and rules for this machine, in a folder that goes when we do. */
function writeConfiguration(): string {
  const folder = mkdtempSync(join(tmpdir(), 'savings-observe-'));
  mkdirSync(join(folder, 'rules'));
  for (const file of readdirSync(join(PROMETHEUS, 'rules'))) {
    const text = readFileSync(join(PROMETHEUS, 'rules', file), 'utf8');
    writeFileSync(join(folder, 'rules', file), localRules(text, { interval: INTERVAL }));
  }
  const config = localPrometheusConfig(readFileSync(join(PROMETHEUS, 'prometheus.yml'), 'utf8'), {
    targets: {
      savings: [{ address: local('metrics'), meta: savingsPod('savings-local') }],
      node: [{ address: local('nodeExporter'), meta: monitoringPod('node-exporter') }],
    },
    address: local('prometheus'),
    ruleFiles: join(folder, 'rules/*.yml'),
    interval: INTERVAL,
  });
  writeFileSync(join(folder, 'prometheus.yml'), config);
  return folder;
}

const running = new Map<string, ChildProcess>();
let stopping = false;

/** Starts a program; when it ends by itself, so does everything. What is not installed is only said. */
function start(name: string, program: string, args: string[], options: { quiet: boolean }): boolean {
  const command = Bun.which(program);
  if (command === null) return false;
  const child = spawn(command, args, {
    cwd: ROOT,
    // Prometheus asks the server where it itself listens.
    env: { ...process.env, METRICS_LISTEN_ADDRESS: '127.0.0.1' },
    stdio: ['ignore', 'inherit', options.quiet ? 'ignore' : 'inherit'],
  });
  running.set(name, child);
  child.once('exit', (code) => {
    running.delete(name);
    if (!stopping) {
      say(`${name} has ended${options.quiet ? '; is its port taken?' : '.'}`);
      stop(code ?? 1);
    }
  });
  return true;
}

function stop(code: number): void {
  if (stopping) return;
  stopping = true;
  for (const child of running.values()) child.kill('SIGINT');
  const wait = setInterval(() => {
    if (running.size > 0) return;
    clearInterval(wait);
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  }, 50);
}

const folder = writeConfiguration();
// More than once: a terminal tells us and `bun run`, which tells us again.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));

start('The server', process.execPath, ['src/main.ts', 'serve'], { quiet: false });
const prometheus = start(
  'Prometheus',
  'prometheus',
  [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${local('prometheus')}`,
    EXPAND,
  ],
  { quiet: true },
);
const nodeExporter = start(
  'node-exporter',
  'prometheus-node-exporter',
  [`--web.listen-address=${local('nodeExporter')}`],
  {
    quiet: true,
  },
);

say();
say(
  `The page            ${localUrl(plainAddress(process.env.LISTEN_ADDRESS) ?? EVERY_ADDRESS, PORTS.server)}`,
);
say(`What it measures    http://localhost:${PORTS.metrics}/metrics`);
if (prometheus) {
  say(`Prometheus          http://localhost:${PORTS.prometheus}`);
  say(`Alerts and rules    http://localhost:${PORTS.prometheus}/alerts`);
  for (const [question, expr] of QUESTIONS) {
    const query = new URLSearchParams({ 'g0.expr': expr, 'g0.tab': '0', 'g0.range_input': '15m' });
    say(`  ${question}: http://localhost:${PORTS.prometheus}/graph?${query}`);
  }
} else {
  say('Prometheus is not installed: apt-get install --no-install-recommends prometheus');
}
if (!nodeExporter) {
  say('node-exporter is not installed: apt-get install --no-install-recommends prometheus-node-exporter');
}
say(
  'The dashboards are for Grafana: docs/observability.md says where they are shown. Ctrl-C ends all of this.',
);
say();
