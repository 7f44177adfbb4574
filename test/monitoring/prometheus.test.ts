/**
 * The cluster's Prometheus configuration, run by Debian's Prometheus over a real server under load, a real
 * node-exporter, and series of the shape of kube-state-metrics, cAdvisor and the kubelet (cluster-series.ts).
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitoringPod, savingsPod, type Targets } from '../../tools/local-prometheus.ts';
import { freePort } from '../support/free-port.ts';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { ROOT, type ServerProcess, startServer } from '../support/server-process.ts';
import { cadvisor, kubelet, kubeStateMetrics } from './cluster-series.ts';
import {
  alerts,
  annotationExpressions,
  dashboards,
  panelExpressions,
  panelsOf,
  ruleExpressions,
  rules,
  variableQueries,
} from './expressions.ts';
import {
  type PrometheusServer,
  RUNBOOK_BASE,
  startNodeExporter,
  startPrometheus,
} from './prometheus-server.ts';
import { parsePromql } from './promql.ts';
import { startTraffic } from './traffic.ts';

const tools = ['prometheus', 'prometheus-node-exporter'] as const;
const host = (url: string) => new URL(url).host;

/** Stands in for what only a cluster has; it counts on as time goes by. */
function startCluster() {
  const began = Date.now();
  const paths: Record<string, { text(seconds: number): string }> = {
    '/metrics/cadvisor': cadvisor('node-b'),
    '/metrics': kubelet(),
    '/state/metrics': kubeStateMetrics(),
  };
  const serve = (prefix: string) =>
    Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: ({ url }) => {
        const found = paths[prefix + new URL(url).pathname];
        if (!found) return new Response('', { status: 404 });
        return new Response(found.text((Date.now() - began) / 1000), {
          headers: { 'content-type': 'text/plain; version=0.0.4' },
        });
      },
    });
  const [node, state] = [serve(''), serve('/state')];
  return {
    node: `127.0.0.1:${node.port}`,
    state: `127.0.0.1:${state.port}`,
    stop: () => Promise.all([node.stop(true), state.stop(true)]),
  };
}

describe.skipIf(!tools.every(requireTool))('Prometheus', () => {
  let prometheus: PrometheusServer;
  let server: ServerProcess;
  const stops: (() => unknown)[] = [];

  beforeAll(async () => {
    const models = await testModelDirectory('test-1', 'test-2');
    stops.push(() => rmSync(models, { recursive: true }));
    server = await startServer({
      MODEL_DIR: models,
      // The champion is the newest, which has to be looked for again and again.
      MODEL_CHALLENGER: 'test-1',
      MODEL_REFRESH_SECONDS: '1',
    });
    stops.push(async () => {
      server.kill('SIGKILL');
      await server.exited;
    });
    const exporter = await startNodeExporter();
    stops.push(exporter.stop);
    const cluster = startCluster();
    stops.push(cluster.stop);
    const node = { address: cluster.node, meta: { node_name: 'node-b' } };
    const targets: Targets = {
      savings: [
        { address: host(server.metricsUrl), meta: savingsPod('savings-0') },
        // It does not answer, so that one alert is on its way.
        { address: `127.0.0.1:${await freePort()}`, meta: savingsPod('savings-gone') },
        // What is found in a cluster and must not be scraped.
        { address: host(server.url), meta: { ...savingsPod('savings-0'), pod_container_port_name: 'http' } },
        { address: host(server.metricsUrl), meta: { ...savingsPod('job'), pod_phase: 'Succeeded' } },
        { address: cluster.state, meta: { ...savingsPod('x'), pod_label_app_kubernetes_io_name: 'other' } },
      ],
      cadvisor: [node],
      kubelet: [node],
      'kube-state-metrics': [
        { address: cluster.state, meta: monitoringPod('kube-state-metrics') },
        {
          address: cluster.state,
          meta: { ...monitoringPod('kube-state-metrics'), pod_container_port_name: 'telemetry' },
        },
      ],
      node: [{ address: exporter.address, meta: monitoringPod('node-exporter') }],
    };
    prometheus = await startPrometheus(targets);
    stops.push(prometheus.stop);
    await server.ready();
    const traffic = startTraffic(server);
    // The last of the chains of rules, and what needs two scrapes under load.
    await prometheus.until('savings:feature_psi:day / savings:feature_psi:threshold');
    await prometheus.until('savings:http_slow:ratio_rate3d and savings:http_errors:ratio_rate3d');
    await prometheus.until('rate(savings_input_out_of_range_total{side="above"}[1m]) > 0');
    await prometheus.until('rate(savings_shadow_difference_ratio_count[1m]) > 0');
    await prometheus.until(
      'rate(container_cpu_usage_seconds_total[1m]) and on () rate(node_cpu_seconds_total[1m])',
    );
    await prometheus.until('rate(savings_store_requests_total[1m]) > 0');
    await prometheus.until('ALERTS{pod="savings-gone"} and on () ALERTS{feature="income"}');
    await traffic.stop();
  }, 60_000);

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  test('scrapes the ports it should, and no other, under the labels of Kubernetes', async () => {
    const up = await prometheus.query('up');
    const told = up.map(({ metric: { __name__: _, instance: __, ...labels }, value }) => ({
      ...labels,
      up: value[1],
    }));
    const pod = { job: 'savings', namespace: 'default', node: 'node-a', track: 'stable' };
    expect(told).toHaveLength(7);
    expect(told).toEqual(
      expect.arrayContaining([
        { ...pod, pod: 'savings-0', up: '1' },
        { ...pod, pod: 'savings-gone', up: '0' },
        { job: 'cadvisor', node: 'node-b', up: '1' },
        { job: 'kubelet', node: 'node-b', up: '1' },
        { job: 'kube-state-metrics', up: '1' },
        { job: 'node', node: 'node-a', up: '1' },
        { job: 'prometheus', up: '1' },
      ]),
    );
  });

  test('keeps of the kubelet what is used, and nothing that belongs to no pod', async () => {
    const kept = await prometheus.series('{job=~"cadvisor|kubelet"}');
    const names = new Set(kept.map(({ __name__ }) => __name__));
    expect(names).not.toContain('container_fs_usage_bytes');
    expect(names).not.toContain('kubelet_http_requests_total');
    expect(kept.filter(({ __name__, pod }) => __name__!.startsWith('container_') && !pod)).toEqual([]);
  });

  /** Those that give no data. A scrape or a rule that comes late on a busy machine is waited for. */
  async function emptyOf(expressions: readonly { where: string; expr: string }[]): Promise<string[]> {
    let empty = [...expressions];
    for (let i = 0; i < 60 && empty.length > 0; i++) {
      if (i > 0) await Bun.sleep(250);
      const results = await Promise.all(empty.map(({ expr }) => prometheus.query(expr)));
      empty = empty.filter((_, at) => !results[at].some(({ value }) => value[1] !== 'NaN'));
    }
    return empty.map(({ where, expr }) => `${where}: ${expr}`);
  }

  test('gives data for every query of every panel', async () => {
    expect(await emptyOf(panelExpressions())).toEqual([]);
  }, 30_000);

  test('marks what was deployed and which model went live, since nothing was there before', async () => {
    // An alert would have to fire first.
    const changes = annotationExpressions().filter(({ expr }) => !expr.startsWith('ALERTS'));
    expect(await emptyOf(changes)).toEqual([]);
  }, 30_000);

  test('shows the small cluster as it is', async () => {
    const shown = async (where: string) => {
      const result = await prometheus.query(panelExpressions().find((one) => one.where === where)!.expr);
      return result.map(({ metric: { __name__: _, ...labels }, value }) => ({
        ...labels,
        value: Number(value[1]),
      }));
    };
    expect(await shown('savings-resources / Running pods / A')).toEqual([{ value: 2 }]);
    expect(await shown('savings-resources / Ready pods / A')).toEqual([{ value: 2 }]);
    // A container's memory alone: its pod's sum stands beside it in cAdvisor's output.
    expect(await shown('savings-resources / Fullest pod / A')).toEqual([{ value: 9e7 / 268_435_456 }]);
    expect(await shown('savings-pods / Not ready / A')).toEqual([{ value: 1 }]);
    expect(await shown('savings-pods / Unscheduled / A')).toEqual([{ value: 1 }]);
    expect(await shown('savings-pods / Unscheduled pods / A')).toMatchObject([{ pod: 'homeless' }]);
    expect(await shown('savings-pods / Waiting containers / A')).toMatchObject([
      { pod: 'crashing', reason: 'CrashLoopBackOff', value: 1 },
    ]);
    expect(await shown('savings-pods / Ended containers / A')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ container: 'savings', reason: 'OOMKilled' }),
        expect.objectContaining({ container: 'main', reason: 'Error' }),
      ]),
    );
    expect(await shown('savings-nodes / Nodes ready / A')).toEqual([{ value: 2 }]);
    expect(await shown('savings-nodes / Nodes with a fault / A')).toEqual([{ value: 0 }]);
    expect(await shown('savings-service / Live models / A')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ role: 'champion', name: 'savings', version: 'test-2', value: 1 }),
        expect.objectContaining({ role: 'challenger', name: 'savings', version: 'test-1', value: 1 }),
      ]),
    );
  });

  test('gives values for every variable', async () => {
    for (const { where, expr, label } of variableQueries()) {
      const values = (await prometheus.query(`count by (${label}) (${expr})`)).map(
        ({ metric }) => metric[label],
      );
      expect([where, values.filter(Boolean).length > 0]).toEqual([where, true]);
    }
  });

  test('gives data for every recording rule, and for everything that an alert looks at', async () => {
    const records = rules.flatMap(({ record }) =>
      record === undefined ? [] : [{ where: 'recorded', expr: record }],
    );
    const looked = alerts.flatMap(({ alert, expr }) =>
      parsePromql(expr)
        // Another alert, which fires only where something is wrong.
        .selectors.filter(({ metric }) => metric !== 'ALERTS')
        .map(({ text }) => ({ where: alert, expr: text })),
    );
    expect(await emptyOf([...records, ...looked])).toEqual([]);
  }, 30_000);

  /** Labels that something chooses or groups by, and no series has. */
  async function unknownLabels(expr: string): Promise<string[]> {
    const { selectors, grouping } = parsePromql(expr);
    const unknown: string[] = [];
    const known = new Set(['le']);
    for (const { metric, labels } of selectors) {
      const series = await prometheus.series(metric);
      if (series.length === 0) unknown.push(metric);
      const has = new Set(series.flatMap(Object.keys));
      for (const label of has) known.add(label);
      unknown.push(...labels.filter((label) => !has.has(label)).map((label) => `${metric}{${label}}`));
    }
    return [...unknown, ...grouping.filter((label) => !known.has(label)).map((label) => `by (${label})`)];
  }

  test('knows every metric and label that a panel, variable or rule names', async () => {
    const faults: string[] = [];
    const asked = [
      ...panelExpressions(),
      ...annotationExpressions(),
      ...variableQueries(),
      ...ruleExpressions(),
    ];
    for (const { where, expr } of asked) {
      for (const unknown of await unknownLabels(expr)) faults.push(`${where}: ${unknown}`);
    }
    expect(faults).toEqual([]);
  }, 30_000);

  test('a metric, a label and a grouping that nothing exposes would be seen', async () => {
    expect(await unknownLabels('rate(savings_http_requests_totals[5m])')).toEqual([
      'savings_http_requests_totals',
    ]);
    expect(await unknownLabels('savings_http_requests_total{path="/"}')).toEqual([
      'savings_http_requests_total{path}',
    ]);
    expect(await unknownLabels('sum by (model) (savings_predictions_total)')).toEqual(['by (model)']);
  });

  test('names every series by labels that it has', async () => {
    const faults: string[] = [];
    const expressions = panelExpressions();
    for (const dashboard of dashboards) {
      for (const { title, targets = [], transformations } of panelsOf(dashboard)) {
        const organize = transformations?.find(({ id }) => id === 'organize');
        const columns = Object.keys(
          (organize?.options as { renameByName: object } | undefined)?.renameByName ?? {},
        );
        for (const { refId, legendFormat } of targets) {
          const where = `${dashboard.uid} / ${title} / ${refId}`;
          const result = await prometheus.query(expressions.find((one) => one.where === where)!.expr);
          const has = new Set(result.flatMap(({ metric }) => Object.keys(metric)));
          const named = [...String(legendFormat).matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
          const rows = columns.filter((name) => !name.startsWith('Value'));
          for (const label of [...named, ...rows]) if (!has.has(label)) faults.push(`${where}: ${label}`);
        }
      }
    }
    expect(faults).toEqual([]);
  }, 30_000);

  test('evaluates every rule without a fault', async () => {
    const { groups } = await prometheus.get<{
      groups: { rules: { name: string; health: string; lastError?: string }[] }[];
    }>('rules');
    const found = groups.flatMap((group) => group.rules);
    expect(found.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(found).toHaveLength(rules.length);
  });

  test('sees the alert of the pod that does not answer on its way', async () => {
    const pending = await prometheus.query('ALERTS{alertname="TargetDown"}');
    expect(pending.map(({ metric }) => [metric.pod, metric.alertstate])).toContainEqual([
      'savings-gone',
      'pending',
    ]);
  });

  test('says of an alert where the runbook is, by the address in its environment', async () => {
    const { alerts: seen } = await prometheus.get<{
      alerts: { labels: Record<string, string>; annotations: Record<string, string> }[];
    }>('alerts');
    const down = seen.find(({ labels }) => labels.alertname === 'TargetDown')!;
    expect(down.annotations.runbook_url).toBe(`${RUNBOOK_BASE}docs/runbook.md#targetdown`);
  });

  test('counts what the server was asked, no more and no less', async () => {
    const counted = async (expr: string) => Number((await prometheus.query(expr))[0]?.value[1]);
    const metrics = await (await fetch(server.metricsUrl)).text();
    const own = Number(/savings_predictions_total\{.*surface="page"\} (\d+)/.exec(metrics)?.[1]);
    await prometheus.until(`sum(savings_predictions_total{surface="page"}) == ${own}`);
    // Every row of a request is counted once for each feature.
    expect(await counted('sum(savings_feature_bin_total{feature="income"})')).toBe(
      await counted('sum(savings_predictions_total)'),
    );
  });

  test('docs/observability.md names every metric that the server has, and no other', async () => {
    const metrics = await (await fetch(server.metricsUrl)).text();
    const has = [...metrics.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name!);
    const documentation = readFileSync(join(ROOT, 'docs/observability.md'), 'utf8');
    const named = [...documentation.matchAll(/`((?:savings|process)_\w+)(?:\{[\w,]+\})?`/g)].map(
      ([, name]) => name!,
    );
    expect([...new Set(named)].sort()).toEqual(has.sort());
  });

  test('scrapes that go on for ever add no series', async () => {
    const before = (await prometheus.series('{job="savings"}')).length;
    const traffic = startTraffic(server);
    await Bun.sleep(1_500);
    await traffic.stop();
    expect((await prometheus.series('{job="savings"}')).length).toBe(before);
    expect(before).toBeLessThan(2_000);
  });
});
