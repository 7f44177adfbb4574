import { timeseries } from './charts.ts';
import type { Section } from './dashboard.ts';
import { table } from './table.ts';

export const POD = 'namespace=~"$namespace", pod=~"$pod"';
export const CONTAINER = `${POD}, node=~"$node", container!=""`;
export const PLACED = `${POD}, node=~"$node"`;

/** Series of kube-state-metrics that do not say on which node the pod is. */
export const onNode = (series: string) =>
  `${series} * on (namespace, pod) group_left (node) kube_pod_info{namespace=~"$namespace", node=~"$node"}`;

export const used = {
  cpu: `sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{${CONTAINER}}[5m]))`,
  memory: `sum by (namespace, pod) (container_memory_working_set_bytes{${CONTAINER}})`,
};

export const wanted = (kind: 'requests' | 'limits', resource: 'cpu' | 'memory') =>
  `sum by (namespace, pod) (kube_pod_container_resource_${kind}{${PLACED}, resource="${resource}"})`;

const SHARE_OF_LIMIT = ['green', [0.75, 'orange'], [0.9, 'red']] as const;

export const consumption: Section = {
  title: 'Consumption against requests and limits',
  panels: [
    table(
      {
        title: 'CPU by pod',
        description:
          'Far below its request, a pod holds what others could use; it may pass its request, not its limit.',
        unit: 'suffix: cores',
        width: 12,
        height: 10,
        rows: { namespace: 'Namespace', pod: 'Pod' },
      },
      { name: 'Used', expr: used.cpu },
      { name: 'Requested', expr: wanted('requests', 'cpu') },
      {
        name: 'Of request',
        unit: 'percentunit',
        thresholds: ['green', [1, 'orange'], [3, 'red']],
        expr: `${used.cpu} / ${wanted('requests', 'cpu')}`,
      },
      { name: 'Limit', expr: wanted('limits', 'cpu') },
    ),
    table(
      {
        title: 'Memory by pod',
        description: 'At its limit the kernel kills a container (OOMKilled).',
        unit: 'bytes',
        width: 12,
        height: 10,
        rows: { namespace: 'Namespace', pod: 'Pod' },
      },
      { name: 'Used', expr: used.memory },
      { name: 'Requested', expr: wanted('requests', 'memory') },
      { name: 'Limit', expr: wanted('limits', 'memory') },
      {
        name: 'Of limit',
        unit: 'percentunit',
        thresholds: SHARE_OF_LIMIT,
        expr: `${used.memory} / ${wanted('limits', 'memory')}`,
      },
    ),
    timeseries(
      {
        title: 'CPU used, as a share of the request',
        description: 'What the autoscaler looks at; it adds pods above its target.',
        unit: 'percentunit',
        min: 0,
      },
      { expr: `${used.cpu} / ${wanted('requests', 'cpu')}`, legend: '{{pod}}' },
    ),
    timeseries(
      {
        title: 'Memory used, as a share of the limit',
        description: 'A line that only rises is a leak.',
        unit: 'percentunit',
        min: 0,
        thresholds: SHARE_OF_LIMIT,
      },
      { expr: `${used.memory} / ${wanted('limits', 'memory')}`, legend: '{{pod}}' },
    ),
    timeseries(
      {
        title: 'Throttled',
        description:
          'Share of the time slices in which a container was held back by its CPU limit. Without a limit, none.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        thresholds: ['green', [0.25, 'orange'], [0.5, 'red']],
      },
      {
        expr:
          `sum by (namespace, pod) (rate(container_cpu_cfs_throttled_periods_total{${CONTAINER}}[$__rate_interval])) ` +
          `/ sum by (namespace, pod) (rate(container_cpu_cfs_periods_total{${CONTAINER}}[$__rate_interval]))`,
        legend: '{{pod}}',
      },
    ),
    timeseries(
      {
        title: 'Network by pod',
        description: 'Bytes in and out of each pod.',
        unit: 'Bps',
      },
      {
        expr: `sum by (pod) (rate(container_network_receive_bytes_total{${PLACED}}[$__rate_interval]))`,
        legend: '{{pod}} in',
      },
      {
        expr: `-sum by (pod) (rate(container_network_transmit_bytes_total{${PLACED}}[$__rate_interval]))`,
        legend: '{{pod}} out',
      },
    ),
    timeseries(
      {
        title: 'Volumes',
        description: 'How full each claimed disk is. Only disks that are mounted now are seen.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        thresholds: ['green', [0.8, 'orange'], [0.9, 'red']],
      },
      {
        expr:
          'max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes{namespace=~"$namespace"} ' +
          '/ kubelet_volume_stats_capacity_bytes{namespace=~"$namespace"})',
        legend: '{{namespace}}/{{persistentvolumeclaim}}',
      },
    ),
  ],
};
