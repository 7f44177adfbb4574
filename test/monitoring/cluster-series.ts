/**
 * What a small cluster's kube-state-metrics 2.20, cAdvisor and kubelet would say, by the names and labels of their
 * documentation: two pods of ours that run, one of somebody else's that crashes, and one that finds no node.
 */

type Kind = 'gauge' | 'counter';

/** Series by metric; each is its labels and its value. */
class Exposition {
  readonly #metrics = new Map<string, { kind: Kind; lines: [labels: string, value: number][] }>();

  add(kind: Kind, metric: string, labels: Record<string, string>, value: number): void {
    const entry = this.#metrics.get(metric) ?? { kind, lines: [] };
    this.#metrics.set(metric, entry);
    const text = Object.entries(labels).map(([name, content]) => `${name}="${content}"`);
    entry.lines.push([text.join(','), value]);
  }

  /** @param seconds how long counters have been counting */
  text(seconds: number): string {
    return [...this.#metrics]
      .flatMap(([metric, { kind, lines }]) => [
        `# TYPE ${metric} ${kind}`,
        ...lines.map(
          ([labels, value]) => `${metric}{${labels}} ${kind === 'counter' ? value * (1 + seconds) : value}`,
        ),
      ])
      .join('\n')
      .concat('\n');
  }
}

interface Pod {
  namespace: string;
  pod: string;
  container: string;
  node: string;
  phase: 'Running' | 'Pending';
  ready: boolean;
  restarts: number;
  waiting?: string;
  lastEnded?: string;
}

const PODS: readonly Pod[] = [
  {
    namespace: 'default',
    pod: 'savings-7d9c5b-x2x4z',
    container: 'savings',
    node: 'node-a',
    phase: 'Running',
    ready: true,
    restarts: 0,
  },
  {
    namespace: 'default',
    pod: 'savings-7d9c5b-q8k2m',
    container: 'savings',
    node: 'node-b',
    phase: 'Running',
    ready: true,
    restarts: 1,
    lastEnded: 'OOMKilled',
  },
  {
    namespace: 'other',
    pod: 'crashing',
    container: 'main',
    node: 'node-b',
    phase: 'Running',
    ready: false,
    restarts: 7,
    waiting: 'CrashLoopBackOff',
    lastEnded: 'Error',
  },
  {
    namespace: 'other',
    pod: 'homeless',
    container: 'main',
    node: '',
    phase: 'Pending',
    ready: false,
    restarts: 0,
  },
];

const NODES = ['node-a', 'node-b'];
const flag = (holds: boolean) => (holds ? 1 : 0);

export function kubeStateMetrics(): Exposition {
  const series = new Exposition();
  for (const { namespace, pod, container, node, phase, ready, restarts, waiting, lastEnded } of PODS) {
    const uid = `uid-${pod}`;
    const one = { namespace, pod, uid };
    series.add(
      'gauge',
      'kube_pod_info',
      {
        ...one,
        host_ip: '10.0.0.1',
        pod_ip: '10.0.1.1',
        node,
        created_by_kind: 'ReplicaSet',
        created_by_name: 'savings-7d9c5b',
        priority_class: '',
        host_network: 'false',
      },
      1,
    );
    series.add('gauge', 'kube_pod_created', one, 1_700_000_000);
    for (const name of ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running']) {
      series.add('gauge', 'kube_pod_status_phase', { ...one, phase: name }, flag(name === phase));
    }
    for (const condition of ['true', 'false', 'unknown']) {
      series.add('gauge', 'kube_pod_status_ready', { ...one, condition }, flag(condition === String(ready)));
      const scheduled = String(node !== '');
      series.add('gauge', 'kube_pod_status_scheduled', { ...one, condition }, flag(condition === scheduled));
    }
    const inside = { ...one, container };
    series.add('counter', 'kube_pod_container_status_restarts_total', inside, restarts);
    if (waiting)
      series.add('gauge', 'kube_pod_container_status_waiting_reason', { ...inside, reason: waiting }, 1);
    if (lastEnded) {
      const ended = { ...inside, reason: lastEnded };
      series.add('gauge', 'kube_pod_container_status_last_terminated_reason', ended, 1);
    }
    for (const [resource, unit, request, limit] of [
      ['cpu', 'core', 0.1, 1],
      ['memory', 'byte', 134_217_728, 268_435_456],
    ] as const) {
      const labels = { ...inside, node, resource, unit };
      series.add('gauge', 'kube_pod_container_resource_requests', labels, request);
      series.add('gauge', 'kube_pod_container_resource_limits', labels, limit);
    }
  }
  const deployment = { namespace: 'default', deployment: 'savings' };
  series.add('gauge', 'kube_deployment_spec_replicas', deployment, 2);
  series.add('gauge', 'kube_deployment_status_replicas_available', deployment, 2);
  for (const status of ['true', 'false', 'unknown']) {
    const condition = { ...deployment, reason: 'NewReplicaSetAvailable', condition: 'Progressing', status };
    series.add('gauge', 'kube_deployment_status_condition', condition, flag(status === 'true'));
  }
  const scaler = { namespace: 'default', horizontalpodautoscaler: 'savings' };
  series.add('gauge', 'kube_horizontalpodautoscaler_spec_max_replicas', scaler, 6);
  series.add('gauge', 'kube_horizontalpodautoscaler_spec_min_replicas', scaler, 2);
  series.add('gauge', 'kube_horizontalpodautoscaler_status_desired_replicas', scaler, 2);
  for (const node of NODES) {
    const about = {
      kernel_version: '6.12.40-64.114.amzn2023.aarch64',
      os_image: 'Amazon Linux 2023',
      container_runtime_version: 'containerd://2.1.4',
      kubelet_version: 'v1.35.4-eks-a1b2c3d',
      kubeproxy_version: '',
      pod_cidr: '',
      provider_id: `aws:///eu-central-1a/${node}`,
      system_uuid: node,
      internal_ip: '10.0.0.1',
    };
    series.add('gauge', 'kube_node_info', { node, ...about }, 1);
    for (const condition of ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']) {
      for (const status of ['true', 'false', 'unknown']) {
        const holds = status === String(condition === 'Ready');
        series.add('gauge', 'kube_node_status_condition', { node, condition, status }, flag(holds));
      }
    }
    for (const [resource, unit, value] of [
      ['cpu', 'core', 1.93],
      ['memory', 'byte', 3.4e9],
      ['pods', 'integer', 17],
    ] as const) {
      series.add('gauge', 'kube_node_status_allocatable', { node, resource, unit }, value);
    }
  }
  return series;
}

/** One node's, as its kubelet gives it under /metrics/cadvisor. */
export function cadvisor(node: string): Exposition {
  const series = new Exposition();
  // The system's own slice: no pod's.
  series.add(
    'counter',
    'container_cpu_usage_seconds_total',
    { id: '/system.slice', container: '', pod: '', namespace: '' },
    5,
  );
  for (const one of PODS.filter((pod) => pod.node === node)) {
    const { namespace, pod, container } = one;
    // A container, and its pod's sum beside it.
    for (const [own, id, image] of [
      [container, `/kubepods.slice/${pod}/${container}`, 'image'],
      ['', `/kubepods.slice/${pod}`, ''],
    ] as const) {
      const labels = { container: own, id, image, name: own, namespace, pod };
      series.add('counter', 'container_cpu_usage_seconds_total', { ...labels, cpu: 'total' }, 0.05);
      series.add('gauge', 'container_memory_working_set_bytes', labels, 9e7);
      series.add('counter', 'container_cpu_cfs_periods_total', labels, 10);
      series.add('counter', 'container_cpu_cfs_throttled_periods_total', labels, 1);
      series.add('gauge', 'container_fs_usage_bytes', labels, 1);
    }
    const network = {
      container: '',
      id: `/kubepods.slice/${pod}`,
      image: '',
      interface: 'eth0',
      name: '',
      namespace,
      pod,
    };
    for (const direction of ['receive', 'transmit']) {
      series.add('counter', `container_network_${direction}_bytes_total`, network, 1000);
      series.add('counter', `container_network_${direction}_errors_total`, network, 0);
      series.add('counter', `container_network_${direction}_packets_dropped_total`, network, 0);
    }
  }
  return series;
}

export function kubelet(): Exposition {
  const series = new Exposition();
  const claim = { namespace: 'monitoring', persistentvolumeclaim: 'data-prometheus-0' };
  series.add('gauge', 'kubelet_volume_stats_capacity_bytes', claim, 1e10);
  series.add('gauge', 'kubelet_volume_stats_available_bytes', claim, 7e9);
  series.add('gauge', 'kubelet_volume_stats_used_bytes', claim, 3e9);
  series.add('counter', 'kubelet_http_requests_total', { path: 'pods' }, 3);
  return series;
}
