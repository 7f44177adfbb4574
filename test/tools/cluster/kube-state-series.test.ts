/** The stand-in for kube-state-metrics is held to what kube-state-metrics' documentation says. */
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exposition, type Series } from '../../../tools/cluster/exposition.ts';
import { kubeStateSeries, type Resource } from '../../../tools/cluster/kube-state-series.ts';
import { quantity } from '../../../tools/cluster/quantity.ts';
import { kubeStateMetrics } from '../../monitoring/cluster-series.ts';
import {
  annotationExpressions,
  panelExpressions,
  ruleExpressions,
  variableQueries,
} from '../../monitoring/expressions.ts';
import { parsePromql } from '../../monitoring/promql.ts';
import { ROOT } from '../../support/server-process.ts';
import names from './kube-state-metrics-names.json';

const documented: Record<string, { type: Series['type']; labels: string[] }> = names.metrics as never;

/** One of each, in which everything is said that a series is made of. */
const OBJECTS: [Resource, object][] = [
  [
    'pods',
    {
      metadata: {
        name: 'savings-1',
        namespace: 'default',
        uid: 'uid-1',
        creationTimestamp: '2026-11-27T10:00:00Z',
        ownerReferences: [{ kind: 'ReplicaSet', name: 'savings', uid: 'uid-0' }],
      },
      spec: {
        nodeName: 'node-1',
        containers: [
          {
            name: 'savings',
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          },
        ],
      },
      status: {
        phase: 'Running',
        hostIP: '10.0.1.1',
        podIP: '10.0.64.1',
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'PodScheduled', status: 'True' },
        ],
        containerStatuses: [
          {
            name: 'savings',
            restartCount: 3,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { reason: 'Error' } },
          },
        ],
      },
    },
  ],
  // Nothing is known of it yet.
  [
    'pods',
    {
      metadata: { name: 'p', namespace: 'n', uid: 'uid-2', creationTimestamp: '2026-11-27T10:00:00Z' },
      spec: { containers: [{ name: 'c' }] },
      status: { phase: 'Pending' },
    },
  ],
  [
    'nodes',
    {
      metadata: { name: 'node-1' },
      spec: {},
      status: {
        allocatable: { cpu: '1930m', memory: '3300Mi', pods: '17', 'ephemeral-storage': '18Gi' },
        conditions: [{ type: 'Ready', status: 'Unknown' }],
        nodeInfo: { kubeletVersion: 'v1.35.4' },
      },
    },
  ],
  [
    'deployments',
    {
      metadata: { name: 'savings', namespace: 'default' },
      spec: { replicas: 2 },
      status: { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] },
    },
  ],
  [
    'horizontalpodautoscalers',
    { metadata: { name: 'savings', namespace: 'default' }, spec: { minReplicas: 2, maxReplicas: 6 } },
  ],
];
const series = OBJECTS.flatMap(([resource, object]) => kubeStateSeries(resource, object as never));
const ofKubernetes = (metric: string) => metric.startsWith('kube_');

describe('kube-state-metrics’ series', () => {
  test('are those of the version that is deployed', () => {
    const deployed = readFileSync(join(ROOT, 'kustomize/monitoring/kustomization.yaml'), 'utf8');
    expect(deployed).toContain(`kube-state-metrics\n    newTag: v${names.version}\n`);
  });

  test('have the names, types and labels of its documentation, each and no other', () => {
    for (const { metric, type, labels } of series) {
      expect([metric, { type, labels: Object.keys(labels).sort() }]).toEqual([metric, documented[metric]]);
    }
    expect([...new Set(series.map(({ metric }) => metric))].sort()).toEqual(Object.keys(documented).sort());
  });

  test('are all that rules and dashboards ask for, by labels that are there', () => {
    const expressions = [
      ...ruleExpressions(),
      ...panelExpressions(),
      ...annotationExpressions(),
      ...variableQueries(),
    ];
    const asked = expressions
      .flatMap(({ expr }) => parsePromql(expr).selectors)
      .filter(({ metric }) => ofKubernetes(metric));
    for (const { metric, labels } of asked)
      expect(documented[metric]?.labels).toEqual(expect.arrayContaining(labels));
    expect([...new Set(asked.map(({ metric }) => metric))].sort()).toEqual(Object.keys(documented).sort());
  });

  test('are what the tests of Prometheus without a cluster say too', () => {
    const text = kubeStateMetrics().text(0);
    for (const [, metric, type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
      expect([metric, type]).toEqual([metric, documented[metric!]?.type]);
    }
    for (const [, metric, labels] of text.matchAll(/^(\w+)\{(.*)\}/gm)) {
      const has = [...labels!.matchAll(/(\w+)="/g)].map(([, name]) => name!).sort();
      expect([metric, has]).toEqual([metric, documented[metric!]?.labels]);
    }
  });

  test('say of an object what its API says', () => {
    const of = (metric: string) => series.filter((one) => one.metric === metric);
    expect(
      of('kube_pod_container_resource_requests').map(({ labels, value }) => [labels.unit, value]),
    ).toEqual([
      ['core', 0.1],
      ['byte', 2 ** 27],
    ]);
    expect(of('kube_pod_status_ready').map(({ labels, value }) => [labels.condition, value])).toEqual([
      ['true', 0],
      ['false', 1],
      ['unknown', 0],
    ]);
    expect(of('kube_node_status_condition').find(({ value }) => value === 1)?.labels.status).toBe('unknown');
    expect(of('kube_deployment_status_replicas_available')[0]?.value).toBe(0);
    expect(of('kube_pod_created')[0]?.value).toBe(Date.parse('2026-11-27T10:00:00Z') / 1000);
  });
});

test('a quantity of Kubernetes is a number', () => {
  expect(['250m', '64Mi', '17', '0.5', '1k', '3n'].map(quantity)).toEqual([
    0.25,
    2 ** 26,
    17,
    0.5,
    1000,
    3e-9,
  ]);
  for (const text of ['', 'x', '1X', 'Mi']) expect(() => quantity(text)).toThrow('Not a quantity');
});

test('a label’s value is written as Prometheus reads it', () => {
  const value = 'a "b" \\c\nd';
  expect(exposition([{ metric: 'm', type: 'gauge', labels: { l: value, k: '' }, value: 1 }])).toBe(
    '# TYPE m gauge\nm{l="a \\"b\\" \\\\c\\nd",k=""} 1\n',
  );
});
