import { stat, timeseries } from './charts.ts';
import { dashboard, variable } from './dashboard.ts';
import { CONTAINER, consumption, onNode, PLACED, POD } from './pod-consumption.ts';
import { table } from './table.ts';

/** Every pod of the cluster, by namespace and node. */
export const pods = dashboard({
  uid: 'savings-pods',
  title: 'Savings / Kubernetes pods',
  description:
    'All pods of the cluster: their state, why they wait or ended, and what they use of what they asked for.',
  from: 'now-6h',
  variables: [
    variable('namespace', 'Namespace', 'label_values(kube_pod_info, namespace)'),
    variable('node', 'Node', 'label_values(kube_pod_info{namespace=~"$namespace"}, node)'),
    variable('pod', 'Pod', 'label_values(kube_pod_info{namespace=~"$namespace", node=~"$node"}, pod)'),
  ],
  sections: [
    {
      title: 'State',
      panels: [
        stat(
          {
            title: 'Pods by phase',
            description: 'How many pods are in each phase now.',
            unit: 'none',
            width: 12,
          },
          { expr: `sum by (phase) (${onNode(`kube_pod_status_phase{${POD}}`)})`, legend: '{{phase}}' },
        ),
        stat(
          {
            title: 'Not ready',
            description: 'Running pods that do not pass their readiness probe and so get no traffic.',
            unit: 'none',
            thresholds: ['green', [1, 'orange'], [3, 'red']],
          },
          {
            expr:
              `sum((kube_pod_status_phase{${POD}, phase="Running"} == 1) * on (namespace, pod) ` +
              `kube_pod_status_ready{condition="false"}) or vector(0)`,
          },
        ),
        stat(
          {
            title: 'Unscheduled',
            description:
              'Pods for which no node was found. A t4g.medium takes 17 pods, whatever their size, a t4g.small 11.',
            unit: 'none',
            thresholds: ['green', [1, 'red']],
          },
          { expr: `sum(kube_pod_status_scheduled{${POD}, condition="false"})` },
        ),
        stat(
          {
            title: 'Restarts in this range',
            description: 'Containers that the kubelet started again.',
            unit: 'none',
            decimals: 0,
            thresholds: ['green', [1, 'orange'], [5, 'red']],
          },
          {
            expr: `sum(${onNode(
              `sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{${POD}}[$__range]))`,
            )})`,
          },
        ),
        timeseries(
          {
            title: 'Pods by phase over time',
            description: 'Failed and Pending should stay near zero; Succeeded are finished jobs.',
            unit: 'none',
            min: 0,
            stacked: true,
          },
          { expr: `sum by (phase) (${onNode(`kube_pod_status_phase{${POD}}`)}) > 0`, legend: '{{phase}}' },
        ),
        timeseries(
          {
            title: 'Restarts by pod',
            description: 'Restarts in each ten minutes. A steady beat is a crash loop.',
            unit: 'none',
            min: 0,
            thresholds: ['green', [3, 'red']],
          },
          {
            expr: `sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{${POD}}[10m])) > 0 or on () vector(0)`,
            legend: '{{namespace}}/{{pod}}',
          },
        ),
      ],
    },
    {
      title: 'What is wrong',
      panels: [
        table(
          {
            title: 'Waiting containers',
            description:
              'Containers that do not run, and why: ImagePullBackOff, CrashLoopBackOff, CreateContainerConfigError.',
            unit: 'none',
            noValue: 'none',
            width: 8,
            rows: { namespace: 'Namespace', pod: 'Pod', container: 'Container', reason: 'Reason' },
          },
          {
            name: 'Containers',
            expr: `sum by (namespace, pod, container, reason) (kube_pod_container_status_waiting_reason{${POD}}) > 0`,
          },
        ),
        table(
          {
            title: 'Ended containers',
            description: 'Why each container last ended: OOMKilled means that it passed its memory limit.',
            unit: 'none',
            noValue: 'none',
            width: 8,
            rows: { namespace: 'Namespace', pod: 'Pod', container: 'Container', reason: 'Reason' },
          },
          {
            name: 'Restarts',
            expr:
              `sum by (namespace, pod, container) (kube_pod_container_status_restarts_total{${POD}}) ` +
              '* on (namespace, pod, container) group_left (reason) ' +
              '(kube_pod_container_status_last_terminated_reason == 1)',
          },
        ),
        table(
          {
            title: 'Unscheduled pods',
            description: 'Pods for which no node was found, and for how long they have been there.',
            unit: 's',
            noValue: 'none',
            width: 8,
            rows: { namespace: 'Namespace', pod: 'Pod' },
          },
          {
            name: 'Since',
            expr:
              `(time() - max by (namespace, pod) (kube_pod_created{${POD}})) ` +
              `and on (namespace, pod) (kube_pod_status_scheduled{condition="false"} == 1)`,
          },
        ),
      ],
    },
    {
      title: 'By namespace',
      panels: [
        table(
          {
            title: 'Namespaces',
            description: 'What each namespace holds, uses and has asked for.',
            unit: 'none',
            width: 24,
            rows: { namespace: 'Namespace' },
          },
          {
            name: 'Pods',
            expr: 'count by (namespace) (kube_pod_info{namespace=~"$namespace", node=~"$node"})',
          },
          {
            name: 'CPU used',
            unit: 'suffix: cores',
            expr: `sum by (namespace) (rate(container_cpu_usage_seconds_total{${CONTAINER}}[5m]))`,
          },
          {
            name: 'CPU requested',
            unit: 'suffix: cores',
            expr: `sum by (namespace) (kube_pod_container_resource_requests{${PLACED}, resource="cpu"})`,
          },
          {
            name: 'Memory used',
            unit: 'bytes',
            expr: `sum by (namespace) (container_memory_working_set_bytes{${CONTAINER}})`,
          },
          {
            name: 'Memory requested',
            unit: 'bytes',
            expr: `sum by (namespace) (kube_pod_container_resource_requests{${PLACED}, resource="memory"})`,
          },
          {
            name: 'Restarts',
            thresholds: ['green', [1, 'orange'], [10, 'red']],
            expr: `sum by (namespace) (kube_pod_container_status_restarts_total{${POD}})`,
          },
        ),
        timeseries(
          {
            title: 'CPU by namespace',
            description: 'Cores used by each namespace.',
            unit: 'suffix: cores',
            min: 0,
            stacked: true,
          },
          {
            expr: `sum by (namespace) (rate(container_cpu_usage_seconds_total{${CONTAINER}}[$__rate_interval]))`,
            legend: '{{namespace}}',
          },
        ),
        timeseries(
          {
            title: 'Memory by namespace',
            description: 'Working set of each namespace.',
            unit: 'bytes',
            min: 0,
            stacked: true,
          },
          {
            expr: `sum by (namespace) (container_memory_working_set_bytes{${CONTAINER}})`,
            legend: '{{namespace}}',
          },
        ),
      ],
    },
    consumption,
  ],
});
