/** The component's Alertmanager configuration, run by Debian's Alertmanager behind a real Prometheus and a real server. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { savingsPod } from '../../tools/local-prometheus.ts';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { ROOT, type ServerProcess, startServer } from '../support/server-process.ts';
import {
  ALERTMANAGER_CONFIG,
  localAlertmanagerConfig,
  type Message,
  startAlertmanager,
} from './alertmanager-server.ts';
import { alerts } from './expressions.ts';
import { type PrometheusServer, patiently, RUNBOOK_BASE, startPrometheus } from './prometheus-server.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const config = readFileSync(ALERTMANAGER_CONFIG, 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'savings-amtool-'));
afterAll(() => rmSync(folder, { recursive: true }));

function amtool(text: string, ...args: string[]) {
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, text);
  const { exitCode, stdout, stderr } = Bun.spawnSync(['amtool', ...args, file]);
  return { ok: exitCode === 0, output: `${stdout}${stderr}` };
}

describe('alertmanager.yml', () => {
  test('inhibits by alerts that there are', () => {
    const { inhibit_rules } = Bun.YAML.parse(config) as { inhibit_rules: Record<string, string[]>[] };
    const named = inhibit_rules
      .flatMap((rule) => [...rule.source_matchers!, ...rule.target_matchers!])
      .filter((matcher) => matcher.startsWith('alertname'))
      .flatMap((matcher) => /"(.+)"/.exec(matcher)![1]!.split('|'));
    expect(named.length).toBeGreaterThan(2);
    for (const name of named) expect(alerts.map(({ alert }) => alert)).toContain(name);
  });

  test('reads every address from the Secret, by the names that the documents make', () => {
    const files = [...config.matchAll(/url_file: \/etc\/alertmanager-receivers\/(.+)/g)].map(
      ([, file]) => file,
    );
    expect(files).toEqual(['page-url', 'ticket-url', 'heartbeat-url']);
    for (const file of files) expect(read('docs/observability.md')).toContain(`--from-file=${file}=`);
    expect(config).not.toMatch(/https?:/);
  });
});

describe.skipIf(!requireTool('prometheus-alertmanager'))('amtool', () => {
  const local = localAlertmanagerConfig(config, (file) => `http://127.0.0.1/${file}`);

  test('finds nothing wrong with it', () => {
    expect(amtool(local, 'check-config')).toMatchObject({ ok: true });
  });

  test('finds nothing wrong with the receivers that the documents offer instead', () => {
    const blocks = [...read('docs/observability.md').matchAll(/^```yaml\n(receivers:\n[\s\S]*?)^```/gm)];
    expect(blocks.length).toBeGreaterThan(0);
    for (const [, block] of blocks) {
      const given = Bun.YAML.parse(block!) as { receivers: { name: string }[] };
      const others = (Bun.YAML.parse(local) as { receivers: { name: string }[] }).receivers;
      const receivers = [
        ...given.receivers,
        ...others.filter(({ name }) => !given.receivers.some((one) => one.name === name)),
      ];
      const changed = JSON.stringify({ ...JSON.parse(local), receivers });
      expect(amtool(changed, 'check-config')).toMatchObject({ ok: true });
    }
  });

  test.each(alerts.map(({ alert, labels }) => [alert, labels!.severity!]))(
    'sends %s, a %s',
    (alert, severity) => {
      const args = ['config', 'routes', 'test', `alertname=${alert}`, `severity=${severity}`];
      const file = join(folder, 'routes.yml');
      writeFileSync(file, local);
      const { stdout } = Bun.spawnSync(['amtool', ...args, `--config.file=${file}`]);
      expect(stdout.toString().trim()).toBe(severity);
    },
  );
});

const tools = requireTool('prometheus-alertmanager') && requireTool('prometheus');

describe.skipIf(!tools)('an alert on its way', () => {
  let alertmanager: Awaited<ReturnType<typeof startAlertmanager>>;
  let prometheus: PrometheusServer;
  let server: ServerProcess;
  const stops: (() => unknown)[] = [];

  beforeAll(async () => {
    const models = await testModelDirectory('test-1');
    server = await startServer({ MODEL_DIR: models, MODEL_REFRESH_SECONDS: '86400' });
    stops.push(async () => {
      server.kill('SIGKILL');
      await server.exited;
    });
    await server.ready();
    alertmanager = await startAlertmanager();
    stops.push(alertmanager.stop);
    const address = new URL(server.metricsUrl).host;
    prometheus = await startPrometheus(
      { savings: [{ address, meta: savingsPod('savings-0') }] },
      alertmanager.address,
    );
    stops.push(prometheus.stop);
    await prometheus.until('savings_model_load_total');
    // The fault: what it reads models from goes away under it. It looks again, fails, and tries again by itself.
    renameSync(join(models, 'versions'), join(models, 'gone'));
    server.kill('SIGHUP');
  }, 60_000);

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const sent = (receiver: string, alertname: string): Message['alerts'] =>
    alertmanager.messages
      .filter((message) => message.receiver === receiver)
      .flatMap((message) => message.alerts)
      .filter(({ labels }) => labels.alertname === alertname);

  test('of a server that lost its models reaches the receiver, with the way to the runbook', async () => {
    await patiently(
      'the alert should arrive',
      async () => sent('ticket', 'SavingsModelLoadFailing').length > 0,
    );
    const [alert] = sent('ticket', 'SavingsModelLoadFailing');
    expect(alert!.labels).toMatchObject({ namespace: 'default', pod: 'savings-0', severity: 'ticket' });
    expect(alert!.annotations.runbook_url).toBe(`${RUNBOOK_BASE}docs/runbook.md#savingsmodelloadfailing`);
    expect(alert!.labels).not.toHaveProperty('runbook_base');
  }, 60_000);

  test('is held back where a page says it already, and only in its namespace', async () => {
    const errors = { alertname: 'SavingsStoreErrors', severity: 'ticket' };
    const slow = { alertname: 'SavingsLatencyBudgetBurn', namespace: 'slow' };
    await alertmanager.fire({ alertname: 'SavingsNoReadyPod', severity: 'page', namespace: 'other' });
    await patiently('the page should arrive', async () => sent('page', 'SavingsNoReadyPod').length > 0);
    await alertmanager.fire({ ...slow, severity: 'page', window: '1h' });
    await patiently(
      'the page should arrive',
      async () => sent('page', 'SavingsLatencyBudgetBurn').length > 0,
    );
    await alertmanager.fire(
      { ...errors, namespace: 'other' },
      { ...errors, namespace: 'elsewhere' },
      { ...slow, severity: 'ticket', window: '3d' },
    );
    await patiently('the ticket should arrive', async () =>
      sent('ticket', 'SavingsStoreErrors').some(({ labels }) => labels.namespace === 'elsewhere'),
    );
    await patiently('both should be held back', async () => (await alertmanager.inhibited()).length === 2);
    expect((await alertmanager.inhibited()).sort()).toEqual([
      'SavingsLatencyBudgetBurn',
      'SavingsStoreErrors',
    ]);
    const namespaces = sent('ticket', 'SavingsStoreErrors').map(({ labels }) => labels.namespace);
    expect(namespaces).not.toContain('other');
    expect(sent('ticket', 'SavingsLatencyBudgetBurn')).toEqual([]);
  }, 60_000);

  test('always is the watchdog, whose silence is noticed when Prometheus is gone', async () => {
    await patiently('it should come again and again', async () => sent('heartbeat', 'Watchdog').length >= 3);
    expect(sent('page', 'Watchdog').concat(sent('ticket', 'Watchdog'))).toEqual([]);
    await prometheus.stop();
    await patiently('its silence should be noticed', async () => alertmanager.sinceHeartbeatMs() > 3_000);
  }, 60_000);
});
