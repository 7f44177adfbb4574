import type { KubernetesObject } from './api-client.ts';
import type { Series } from './exposition.ts';
import { quantity } from './quantity.ts';

/** What kube-state-metrics' --resources may name here, and where the API has it. */
export const RESOURCES = {
  deployments: '/apis/apps/v1/deployments',
  horizontalpodautoscalers: '/apis/autoscaling/v2/horizontalpodautoscalers',
  nodes: '/api/v1/nodes',
  pods: '/api/v1/pods',
} as const;

export type Resource = keyof typeof RESOURCES;

/**
 * The series that kube-state-metrics makes of an object: those that the rules and dashboards read, by the names,
 * types and labels of its documentation (test/tools/cluster/kube-state-metrics-names.json).
 */
export function kubeStateSeries(resource: Resource, object: KubernetesObject): Series[] {
  return { deployments, horizontalpodautoscalers, nodes, pods }[resource](object);
}

type Labels = Record<string, string>;

const gauge = (metric: string, labels: Labels, value: number): Series => ({
  metric,
  type: 'gauge',
  labels,
  value,
});
const flag = (holds: boolean) => (holds ? 1 : 0);
const seconds = (time: string) => Date.parse(time) / 1000;

/** One series for each that a status may be, of which one is 1. */
function statuses(metric: string, labels: Labels, name: string, status: string): Series[] {
  return ['true', 'false', 'unknown'].map((each) =>
    gauge(metric, { ...labels, [name]: each }, flag(status.toLowerCase() === each)),
  );
}

const UNITS: Record<string, string> = {
  cpu: 'core',
  memory: 'byte',
  storage: 'byte',
  ephemeral_storage: 'byte',
};

/** @param amounts as {"cpu": "100m"} */
function resources(metric: string, labels: Labels, amounts: Record<string, string> = {}): Series[] {
  return Object.entries(amounts).map(([name, amount]) => {
    const resource = name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
    return gauge(metric, { ...labels, resource, unit: UNITS[resource] ?? 'integer' }, quantity(amount));
  });
}

function pods({ metadata, spec, status }: KubernetesObject): Series[] {
  const pod = { namespace: metadata.namespace!, pod: metadata.name, uid: metadata.uid! };
  const owner = metadata.ownerReferences?.[0];
  const info = {
    ...pod,
    host_ip: status.hostIP ?? '',
    pod_ip: status.podIP ?? '',
    node: spec.nodeName ?? '',
    created_by_kind: owner?.kind ?? '',
    created_by_name: owner?.name ?? '',
    priority_class: spec.priorityClassName ?? '',
    host_network: String(spec.hostNetwork ?? false),
  };
  const series = [
    gauge('kube_pod_info', info, 1),
    gauge('kube_pod_created', pod, seconds(metadata.creationTimestamp!)),
    ...['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'].map((phase) =>
      gauge('kube_pod_status_phase', { ...pod, phase }, flag(status.phase === phase)),
    ),
  ];
  for (const condition of status.conditions ?? []) {
    if (condition.type === 'Ready')
      series.push(...statuses('kube_pod_status_ready', pod, 'condition', condition.status));
    if (condition.type === 'PodScheduled')
      series.push(...statuses('kube_pod_status_scheduled', pod, 'condition', condition.status));
  }
  for (const { name, restartCount, state, lastState } of status.containerStatuses ?? []) {
    const container = { ...pod, container: name };
    series.push({
      metric: 'kube_pod_container_status_restarts_total',
      type: 'counter',
      labels: container,
      value: restartCount,
    });
    if (state?.waiting) {
      const reason = state.waiting.reason ?? '';
      series.push(gauge('kube_pod_container_status_waiting_reason', { ...container, reason }, 1));
    }
    if (lastState?.terminated) {
      const reason = lastState.terminated.reason ?? '';
      series.push(gauge('kube_pod_container_status_last_terminated_reason', { ...container, reason }, 1));
    }
  }
  for (const container of spec.containers) {
    const labels = { ...pod, container: container.name, node: spec.nodeName ?? '' };
    const { requests, limits } = container.resources ?? {};
    series.push(...resources('kube_pod_container_resource_requests', labels, requests));
    series.push(...resources('kube_pod_container_resource_limits', labels, limits));
  }
  return series;
}

function nodes({ metadata, spec, status }: KubernetesObject): Series[] {
  const node = { node: metadata.name };
  const about = status.nodeInfo ?? {};
  const addresses: { type: string; address: string }[] = status.addresses ?? [];
  const info = {
    ...node,
    kernel_version: about.kernelVersion ?? '',
    os_image: about.osImage ?? '',
    container_runtime_version: about.containerRuntimeVersion ?? '',
    kubelet_version: about.kubeletVersion ?? '',
    kubeproxy_version: about.kubeProxyVersion ?? '',
    pod_cidr: spec.podCIDR ?? '',
    provider_id: spec.providerID ?? '',
    system_uuid: about.systemUUID ?? '',
    internal_ip: addresses.find(({ type }) => type === 'InternalIP')?.address ?? '',
  };
  return [
    gauge('kube_node_info', info, 1),
    ...resources('kube_node_status_allocatable', node, status.allocatable),
    ...(status.conditions ?? []).flatMap(({ type, status }: { type: string; status: string }) =>
      statuses('kube_node_status_condition', { ...node, condition: type }, 'status', status),
    ),
  ];
}

function deployments({ metadata, spec, status }: KubernetesObject): Series[] {
  const deployment = { namespace: metadata.namespace!, deployment: metadata.name };
  const conditions: { type: string; status: string; reason?: string }[] = status.conditions ?? [];
  return [
    gauge('kube_deployment_spec_replicas', deployment, spec.replicas),
    gauge('kube_deployment_status_replicas_available', deployment, status.availableReplicas ?? 0),
    ...conditions.flatMap(({ type, status, reason = '' }) => {
      const labels = { ...deployment, reason, condition: type };
      return statuses('kube_deployment_status_condition', labels, 'status', status);
    }),
  ];
}

function horizontalpodautoscalers({ metadata, spec, status }: KubernetesObject): Series[] {
  const scaler = { namespace: metadata.namespace!, horizontalpodautoscaler: metadata.name };
  const prefix = 'kube_horizontalpodautoscaler';
  return [
    gauge(`${prefix}_spec_max_replicas`, scaler, spec.maxReplicas),
    gauge(`${prefix}_spec_min_replicas`, scaler, spec.minReplicas),
    gauge(`${prefix}_status_desired_replicas`, scaler, status?.desiredReplicas ?? 0),
  ];
}
