import { nodeAddress } from './addresses.ts';
import type { ApiClient, KubernetesObject } from './api-client.ts';

/** Node n of the cluster, as an EKS node group makes them, in a zone of us-east-1. */
export function node(n: number, zone: string): KubernetesObject {
  const name = `node-${n}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'savings/address': nodeAddress(n) },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'arm64',
        'node.kubernetes.io/instance-type': 't4g.medium',
        'topology.kubernetes.io/region': 'us-east-1',
        'topology.kubernetes.io/zone': `us-east-1${zone}`,
      },
    },
    spec: { podCIDR: '', providerID: `aws:///us-east-1${zone}/${name}` },
  };
}

const NODES = '/api/v1/nodes';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

/**
 * Makes Nodes 1, 2, ... in these zones and takes others away; prod begins with three (eks/cluster-prod.yaml). One that is
 * there and ready stays, and can be scheduled to again.
 */
export async function setNodes(api: ApiClient, zones: readonly string[] = ['a', 'b', 'c']): Promise<void> {
  const wanted = zones.map((zone, i) => node(i + 1, zone));
  const stays = new Set<string>();
  for (const { metadata, status } of await api.list(NODES)) {
    const isWanted = wanted.some((object) => object.metadata.name === metadata.name);
    if (isWanted && isReady(status)) stays.add(metadata.name);
    else await removeNode(api, metadata.name);
  }
  for (const object of wanted) {
    const { name, labels } = object.metadata;
    const again = { metadata: { labels }, spec: { unschedulable: null, taints: null } };
    if (stays.has(name))
      await api.request('PATCH', `${NODES}/${name}`, again, 'application/merge-patch+json');
    else await api.request('POST', NODES, object);
  }
}

const isReady = (status: { conditions?: { type: string; status: string }[] } | undefined) =>
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;

/**
 * With its lease, which Kubernetes itself would take away only later: by then kwok may hold it for the next Node of this
 * name, and takes its end for that one's.
 */
async function removeNode(api: ApiClient, name: string): Promise<void> {
  await api.request('DELETE', `${NODES}/${name}`);
  await api.request('DELETE', `${LEASES}/${name}`).catch(() => {});
  // kwok is told by a watch of its own, which nothing here can see.
  await Bun.sleep(300);
}
