/**
 * kustomize/monitoring as it is applied, with Prometheus 3 by its own ConfigMap and service account, over what it finds
 * in the cluster: what each rule and panel asks for is there, or is named here with its reason.
 *
 * What differs from what is deployed is in `prepare`; and kube-state-metrics is a stand-in that is held to the
 * original's documentation (test/tools/cluster/kube-state-series.test.ts).
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import {
  alerts,
  annotationExpressions,
  type Expression,
  panelExpressions,
  rules,
  variableQueries,
} from '../../monitoring/expressions.ts';
import { parsePromql } from '../../monitoring/promql.ts';
import { startTraffic } from '../../monitoring/traffic.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { testModelDirectory } from '../../support/model.ts';
import { ClusterPrometheus, clusterIp, expectedTargets, MONITORING } from '../support/cluster-prometheus.ts';
import { kubectl } from '../support/kubectl.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';

/** Four scrapes, as Grafana has it by the data source's timeInterval. */
const RATE_INTERVAL = '2m';
/** A scrape and a rule each come within 30 s, and a rate takes two scrapes. */
const PATIENCE_S = 240;

/** What gives no data here, and why. */
const SILENT: Record<string, string> = {
  'savings-pods / Throttled / A': 'containers here are in no cgroup, whose periods these are',
  'SavingsChannelNotRead: ALERTS{alertname="SavingsModelLoadFailing", alertstate="firing"}':
    'a model would have to be missing for a quarter of an hour',
};

describe('Prometheus in the cluster', () => {
  const copy = new KustomizeCopy();
  let k8s: Cluster;
  let prometheus: ClusterPrometheus;
  let traffic: ReturnType<typeof startTraffic>;

  function prepare(): void {
    copy.setImage('dev', IMAGES.good);
    copy.addComponents('overlays/dev', ['autoscaling']);
    copy.set('overlays/dev/savings.env', {
      MODEL_BUCKET: k8s.s3.bucket,
      MODEL_CHALLENGER: 'channel:challenger',
    });
    // As many pods as there are from the beginning, whatever they are asked.
    copy.replace('components/autoscaling/horizontal-pod-autoscaler.yaml', 'maxReplicas: 6', 'maxReplicas: 2');
    // Some groups of rules look only every two or five minutes.
    for (const file of ['slo', 'drift'])
      copy.replace(`monitoring/prometheus/rules/${file}.yml`, /^ {4}interval: \d+m\n/gm, '');
    copy.addComponents(MONITORING, ['alertmanager']);
  }

  beforeAll(async () => {
    k8s = await cluster();
    await k8s.publish(`${await testModelDirectory('test-2')}/versions/test-2`, ['challenger']);
    prepare();
    for (const root of ['overlays/dev', MONITORING]) await kubectl(k8s, ['apply', '-k', copy.path(root)]);
    await kubectl(k8s, ['apply', '-f', '-'], { input: JSON.stringify(TROUBLED) });
    for (const [namespace, deployment] of [
      ['default', 'savings'],
      [MONITORING, 'kube-state-metrics'],
      [MONITORING, 'alertmanager'],
    ]) {
      const args = ['rollout', 'status', `deployment/${deployment}`, `--namespace=${namespace}`];
      await kubectl(k8s, [...args, '--timeout=120s']);
    }
    prometheus = await ClusterPrometheus.of(k8s);
    traffic = startTraffic({ url: `http://${await clusterIp(k8s, 'default', 'savings')}` });
  }, CLUSTER_START_MS + 240_000);

  afterAll(async () => {
    await traffic?.stop();
    copy[Symbol.dispose]();
  });

  const pods = () =>
    k8s.api.list('/api/v1/namespaces/default/pods?labelSelector=app.kubernetes.io/name=savings');

  test(
    'has data for what each rule, panel, annotation and variable asks, or it is named why not',
    async () => {
      const records = rules.flatMap(({ record }) =>
        record === undefined ? [] : { where: 'recorded', expr: record },
      );
      const selected = alerts.flatMap(({ alert, expr }) =>
        parsePromql(expr).selectors.map(({ text }) => ({ where: alert, expr: text })),
      );
      const asked = [
        ...records,
        ...selected,
        ...panelExpressions(RATE_INTERVAL),
        ...annotationExpressions(),
        ...variableQueries(),
      ];
      const name = ({ where, expr }: Expression) => (where.includes(' / ') ? where : `${where}: ${expr}`);
      let silent: Expression[] = asked;
      const unexplained = () => silent.filter((one) => !(name(one) in SILENT));
      await k8s
        .until(
          'all that is not named gives data',
          async () => {
            const results = await Promise.all(silent.map(({ expr }) => prometheus.query(expr)));
            silent = silent.filter((_, i) => !results[i]!.some(({ value }) => value[1] !== 'NaN'));
            return unexplained().length === 0;
          },
          PATIENCE_S,
        )
        .catch(() => {});
      expect(unexplained().map((one) => `${name(one)}: ${one.expr}`)).toEqual([]);
      // What is named and does give data is no longer true.
      expect([...new Set(silent.map(name))].sort()).toEqual(Object.keys(SILENT).sort());
    },
    1_000 * (PATIENCE_S + 20),
  );

  test(
    'finds all that is to be scraped, and nothing else, and reaches it',
    async () => {
      await k8s
        .until('it was scraped', async () => (await prometheus.notUp()).length === 0, PATIENCE_S)
        .catch(() => {});
      expect(await prometheus.notUp()).toEqual([]);
      expect(await prometheus.targets()).toEqual(await expectedTargets(k8s));
    },
    1_000 * (PATIENCE_S + 10),
  );

  test(
    'tells the Alertmanager that it finds',
    async () => {
      const alertmanager = await clusterIp(k8s, MONITORING, 'alertmanager');
      const told = async () => {
        const response = await fetch(`http://${alertmanager}:9093/api/v2/alerts`);
        return (await response.json()) as {
          labels: Record<string, string>;
          annotations: Record<string, string>;
        }[];
      };
      await k8s.until(
        'the watchdog is heard',
        async () => (await told()).some(({ labels }) => labels.alertname === 'Watchdog'),
        PATIENCE_S,
      );
      const [watchdog] = (await told()).filter(({ labels }) => labels.alertname === 'Watchdog');
      expect(watchdog?.annotations.runbook_url).toBe('docs/runbook.md#watchdog');
    },
    1_000 * (PATIENCE_S + 10),
  );

  test('evaluates every rule without a fault', async () => {
    type Rules = { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
    const all = async () => (await prometheus.get<Rules>('rules')).groups.flatMap((group) => group.rules);
    await k8s.until('every rule was evaluated', async () =>
      (await all()).every(({ health }) => health !== 'unknown'),
    );
    expect((await all()).filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(await all()).toHaveLength(rules.length);
  }, 90_000);

  test('kubectl logs and kubectl top tell of the processes', async () => {
    const pod = (await pods())[0]!.metadata.name;
    const logs = await kubectl(k8s, ['logs', pod, '--tail=1']);
    expect(JSON.parse(logs)).toMatchObject({ level: expect.anything() });
    await k8s.until('metrics-server has seen it', async () =>
      (await k8s.kubectl(['top', 'pods'])).stdout.includes(pod),
    );
    const [, , cpu, memory] = /^(\S+)\s+(\d+)m\s+(\d+)Mi/m.exec(
      (await k8s.kubectl(['top', 'pod', pod, '--no-headers'])).stdout,
    )!;
    expect(Number(cpu)).toBeGreaterThan(0);
    expect(Number(memory)).toBeGreaterThan(10);
  }, 90_000);
});

/**
 * So that panels of what is wrong have something to show: a pod that crashes, and one that no Node has room for. Their
 * CPU is limited, as that of none of ours.
 */
const troubled = (name: string, image: string, cpu: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'savings', image, resources: { limits: { cpu } } }] },
    },
  },
});
const TROUBLED = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    troubled('savings-crashing', IMAGES.crashing, '1m'),
    troubled('savings-homeless', IMAGES.good, '100'),
  ],
};
