import { stat, timeseries } from './charts.ts';
import { dashboard, variable } from './dashboard.ts';
import { table } from './table.ts';

const POD = 'namespace=~"$namespace", pod=~"$pod"';
/** cAdvisor gives each pod's sum too, without a container: to add both would count twice. */
const CONTAINER = `${POD}, container!=""`;
const SAVINGS = `job="savings", ${POD}`;

const rate = (metric: string, matchers: string) =>
  `sum by (pod) (rate(${metric}{${matchers}}[$__rate_interval]))`;

/** The application's own pods and nothing else: neither the monitoring system's nor the cluster's. */
export const resources = dashboard({
  uid: 'savings-resources',
  title: 'Savings / Application resources',
  description: 'What the application itself uses: CPU, memory, network, and how its pods are doing.',
  from: 'now-6h',
  variables: [
    // Namespaces in which the application answers, so never that of the monitoring system.
    variable('namespace', 'Namespace', 'label_values(savings_build_info, namespace)'),
    variable(
      'pod',
      'Pod',
      'label_values(kube_pod_info{namespace=~"$namespace", pod=~"savings-.*"}, pod)',
      'savings-.*',
    ),
  ],
  sections: [
    {
      title: 'Now',
      panels: [
        stat(
          {
            title: 'Running pods',
            description:
              'Pods in the phase Running. Below two, a node that goes away takes the service with it.',
            unit: 'none',
            thresholds: ['red', [1, 'orange'], [2, 'green']],
          },
          { expr: `sum(kube_pod_status_phase{${POD}, phase="Running"})` },
        ),
        stat(
          {
            title: 'Ready pods',
            description: 'Pods that get traffic: a verified model is live in them and they are not stopping.',
            unit: 'none',
            thresholds: ['red', [1, 'green']],
          },
          { expr: `sum(kube_pod_status_ready{${POD}, condition="true"})` },
        ),
        stat(
          {
            title: 'Restarts in this range',
            description:
              'Containers started again by the kubelet. A new deployment does not count: it makes new pods.',
            unit: 'none',
            decimals: 0,
            thresholds: ['green', [1, 'orange'], [3, 'red']],
          },
          { expr: `sum(increase(kube_pod_container_status_restarts_total{${POD}}[$__range]))` },
        ),
        stat(
          {
            title: 'Longest up',
            description: 'How long the oldest process has been running.',
            unit: 's',
          },
          { expr: `max(time() - process_start_time_seconds{${SAVINGS}})` },
        ),
        stat(
          {
            title: 'CPU',
            description: 'Cores used by all of the pods, over the last five minutes.',
            unit: 'suffix: cores',
            decimals: 3,
          },
          { expr: `sum(rate(container_cpu_usage_seconds_total{${CONTAINER}}[5m]))` },
        ),
        stat(
          {
            title: 'Fullest pod',
            description:
              'Working set of the pod nearest to its memory limit, as a share of it. At 100 % the kernel kills it.',
            unit: 'percentunit',
            thresholds: ['green', [0.75, 'orange'], [0.9, 'red']],
          },
          {
            expr:
              `max(sum by (namespace, pod, container) (container_memory_working_set_bytes{${CONTAINER}}) ` +
              `/ sum by (namespace, pod, container) (kube_pod_container_resource_limits{${POD}, resource="memory"}))`,
          },
        ),
      ],
    },
    {
      title: 'CPU and memory',
      panels: [
        timeseries(
          {
            title: 'CPU by pod',
            description:
              'Cores used, beside what one pod asks for. Above its request a pod uses what others leave.',
            unit: 'suffix: cores',
            min: 0,
          },
          { expr: rate('container_cpu_usage_seconds_total', CONTAINER), legend: '{{pod}}' },
          { expr: `max(kube_pod_container_resource_requests{${POD}, resource="cpu"})`, legend: 'request' },
        ),
        timeseries(
          {
            title: 'Memory by pod',
            description: 'Working set: what the kernel cannot take back, and what counts against the limit.',
            unit: 'bytes',
            min: 0,
          },
          { expr: `sum by (pod) (container_memory_working_set_bytes{${CONTAINER}})`, legend: '{{pod}}' },
          { expr: `max(kube_pod_container_resource_requests{${POD}, resource="memory"})`, legend: 'request' },
          { expr: `min(kube_pod_container_resource_limits{${POD}, resource="memory"})`, legend: 'limit' },
        ),
        timeseries(
          {
            title: 'Resident memory of the process',
            description:
              'As the process sees itself. It grows for a moment while a new model is verified, and must fall back.',
            unit: 'bytes',
            min: 0,
          },
          { expr: `process_resident_memory_bytes{${SAVINGS}}`, legend: '{{pod}}' },
        ),
        timeseries(
          {
            title: 'Open files and connections',
            description:
              'Share of the file descriptors that the process may hold. A rise without traffic is a leak.',
            unit: 'percentunit',
            min: 0,
            thresholds: ['green', [0.8, 'red']],
          },
          { expr: `process_open_fds{${SAVINGS}} / process_max_fds{${SAVINGS}}`, legend: '{{pod}}' },
        ),
      ],
    },
    {
      title: 'Network',
      panels: [
        timeseries(
          {
            title: 'Network in',
            description: 'Bytes received by each pod: requests, uploads and models.',
            unit: 'Bps',
            min: 0,
          },
          { expr: rate('container_network_receive_bytes_total', POD), legend: '{{pod}}' },
        ),
        timeseries(
          {
            title: 'Network out',
            description: 'Bytes sent by each pod: pages and predictions.',
            unit: 'Bps',
            min: 0,
          },
          { expr: rate('container_network_transmit_bytes_total', POD), legend: '{{pod}}' },
        ),
        timeseries(
          {
            title: 'Error packets',
            description:
              'Packets that arrived or left broken. Anything lasting above zero is a fault below us.',
            unit: 'pps',
            min: 0,
            thresholds: ['green', [1, 'red']],
          },
          { expr: rate('container_network_receive_errors_total', POD), legend: '{{pod}} in' },
          { expr: rate('container_network_transmit_errors_total', POD), legend: '{{pod}} out' },
        ),
        timeseries(
          {
            title: 'Dropped packets',
            description: 'Packets thrown away, mostly because a queue was full.',
            unit: 'pps',
            min: 0,
            thresholds: ['green', [10, 'orange']],
          },
          { expr: rate('container_network_receive_packets_dropped_total', POD), legend: '{{pod}} in' },
          { expr: rate('container_network_transmit_packets_dropped_total', POD), legend: '{{pod}} out' },
        ),
      ],
    },
    {
      title: 'Pods',
      panels: [
        timeseries(
          {
            title: 'Pods by phase',
            description:
              'Pending for longer than a rollout takes means that a pod finds no node, or no image.',
            unit: 'none',
            min: 0,
            stacked: true,
          },
          { expr: `sum by (phase) (kube_pod_status_phase{${POD}}) > 0`, legend: '{{phase}}' },
        ),
        timeseries(
          {
            title: 'Uptime by pod',
            description:
              'Time since the process of each pod started. A saw tooth is a pod that keeps restarting.',
            unit: 's',
            min: 0,
          },
          { expr: `time() - process_start_time_seconds{${SAVINGS}}`, legend: '{{pod}}' },
        ),
        table(
          {
            title: 'Restarts and how they ended',
            description: 'Containers that have been started again, how often, and why the last one ended.',
            unit: 'none',
            noValue: 'none',
            rows: { pod: 'Pod', container: 'Container', reason: 'Last ended by' },
          },
          {
            name: 'Restarts',
            thresholds: ['green', [1, 'orange'], [5, 'red']],
            expr:
              `sum by (namespace, pod, container) (kube_pod_container_status_restarts_total{${POD}}) ` +
              '* on (namespace, pod, container) group_left (reason) ' +
              '(kube_pod_container_status_last_terminated_reason == 1)',
          },
        ),
        timeseries(
          {
            title: 'Autoscaler: replicas',
            description:
              'What the autoscaler wants beside what is there, and its bounds. At its upper bound it cannot help.',
            unit: 'none',
            min: 0,
          },
          {
            expr: 'max(kube_deployment_spec_replicas{namespace=~"$namespace", deployment=~"savings.*"})',
            legend: 'wanted',
          },
          {
            expr: 'max(kube_deployment_status_replicas_available{namespace=~"$namespace", deployment=~"savings.*"})',
            legend: 'available',
          },
          {
            expr: 'max(kube_horizontalpodautoscaler_spec_max_replicas{namespace=~"$namespace", horizontalpodautoscaler=~"savings.*"})',
            legend: 'at most',
          },
        ),
      ],
    },
  ],
});
