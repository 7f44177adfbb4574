/** Where pods go, and go again when their Node is gone. These pods only seem to run: what counts is who places them. */
import { afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { KubernetesObject } from '../../../tools/cluster/api-client.ts';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { setNodes } from '../../../tools/cluster/nodes.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { apply } from '../support/applied.ts';
import { kubectl } from '../support/kubectl.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';

setDefaultTimeout(2 * CLUSTER_START_MS);

const PODS = '/api/v1/namespaces/default/pods?labelSelector=app.kubernetes.io/name%3Dsavings';
const ZONE = 'topology.kubernetes.io/zone';

let k8s: Cluster;
beforeAll(async () => {
  k8s = await cluster();
});

const deployment = (spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'savings' },
  spec,
});

/**
 * Applies dev, which has no autoscaler, with so many pods, and waits until they are ready. The five seconds that each
 * must stay ready before the next are left out.
 */
async function run(replicas: number, image = IMAGES.seeming, changes: object = {}): Promise<void> {
  using copy = new KustomizeCopy();
  copy.setImage('dev', image);
  copy.edit('overlays/dev', (kustomization) => {
    kustomization.replicas = [{ name: 'savings', count: replicas }];
  });
  copy.patch('overlays/dev', deployment({ minReadySeconds: 0, ...changes }));
  await apply(k8s, ['-k', copy.path('overlays/dev')], {});
  await kubectl(k8s, ['rollout', 'status', 'deployment/savings', '--timeout=90s']);
  await k8s.until('pods before are gone', async () => (await k8s.api.list(PODS)).length === replicas);
}

/** How many pods each Node has, and each zone, in ascending order; those without any too. */
async function placed(): Promise<{ nodes: number[]; zones: number[] }> {
  const nodes = await k8s.api.list('/api/v1/nodes');
  const counts = { nodes: new Map<string, number>(), zones: new Map<string, number>() };
  const zoneOf = new Map(nodes.map(({ metadata: { name, labels } }) => [name, labels![ZONE]!]));
  for (const [node, zone] of zoneOf) {
    counts.nodes.set(node, 0);
    counts.zones.set(zone, 0);
  }
  for (const { spec } of await k8s.api.list(PODS)) {
    const zone = zoneOf.get(spec.nodeName)!;
    counts.nodes.set(spec.nodeName, counts.nodes.get(spec.nodeName)! + 1);
    counts.zones.set(zone, counts.zones.get(zone)! + 1);
  }
  const ascending = (map: Map<string, number>) => [...map.values()].toSorted((a, b) => a - b);
  return { nodes: ascending(counts.nodes), zones: ascending(counts.zones) };
}

describe('pods are spread', () => {
  test.each([
    ['one zone', ['a', 'a', 'a'], [4]],
    ['two zones', ['a', 'b', 'a'], [2, 2]],
    ['three zones', ['a', 'b', 'c'], [1, 1, 2]],
  ])('over %s, by the first rollout and by the next', async (_, zones, expected) => {
    await k8s.clear();
    await setNodes(k8s.api, zones);
    for (const image of [IMAGES.seeming, IMAGES.seeming.replace('5ee1', '5ee2')]) {
      await run(4, image);
      const { nodes, zones } = await placed();
      expect(zones).toEqual(expected);
      expect(nodes[0]).toBeGreaterThan(0);
    }
  });

  test('thirty of them over the five Nodes that a group may have, and more than 35 find no room', async () => {
    await k8s.clear();
    await setNodes(k8s.api, ['a', 'b', 'c', 'a', 'b']);
    await run(30);
    const { nodes } = await placed();
    // Seven requests of CPU fit on a Node.
    expect([nodes[0]! >= 5, nodes.at(-1)! <= 7]).toEqual([true, true]);
    await kubectl(k8s, ['scale', 'deployment/savings', '--replicas=36']);
    const seen = () => k8s.api.list(PODS).then((pods) => pods.map(({ status }) => status));
    await k8s.until('one waits', async () => {
      const pods = await seen();
      return pods.length === 36 && pods.filter(({ phase }) => phase === 'Running').length === 35;
    });
    const [waiting] = (await seen()).filter(({ phase }) => phase === 'Pending');
    const scheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' };
    expect(waiting.conditions).toEqual([
      expect.objectContaining({ ...scheduled, message: expect.stringContaining('Insufficient cpu') }),
    ]);
  });
});

describe('a Node that is lost', () => {
  const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-2';
  const SLICES =
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dsavings';
  const NEVER_BACK = { holderIdentity: 'nobody', leaseDurationSeconds: 3_600 };

  const isReady = ({ status }: KubernetesObject) =>
    (status.conditions ?? []).some(
      ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True',
    );
  const ready = async () => (await k8s.api.list(PODS)).filter(isReady);
  const nodesOf = (pods: KubernetesObject[]) => pods.map(({ spec }) => spec.nodeName);

  beforeEach(async () => {
    await k8s.clear();
    // Kubernetes gives a Node five minutes to come back before its pods are made elsewhere. Here it has three seconds.
    const tolerations = ['unreachable', 'not-ready'].map((state) => ({
      key: `node.kubernetes.io/${state}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 3,
    }));
    await run(3, IMAGES.seeming, { template: { spec: { tolerations } } });
    expect((await placed()).nodes).toEqual([1, 1, 1]);
  });

  // Else a Node of this name would never live again.
  afterEach(() => k8s.api.request('DELETE', LEASE).catch(() => {}));

  test('without a word: its pod leaves the Service, and comes up on another', async () => {
    // Whoever holds a Node's lease says that it lives; nobody does here.
    await k8s.until('kwok holds the lease', () =>
      k8s.api.get(LEASE).then(
        () => true,
        () => false,
      ),
    );
    await k8s.api.request('PATCH', LEASE, { spec: NEVER_BACK }, 'application/merge-patch+json');
    await k8s.until(
      'its pod is not counted as ready',
      async () => !nodesOf(await ready()).includes('node-2'),
      40,
    );
    await k8s.until('its pod gets no requests', async () => {
      const endpoints = (await k8s.api.list(SLICES)).flatMap((slice) => slice.endpoints ?? []);
      return endpoints.every(({ nodeName, conditions }) => nodeName !== 'node-2' || !conditions.ready);
    });
    await k8s.until('three are ready again', async () => (await ready()).length === 3, 40);
    expect(nodesOf(await ready())).not.toContain('node-2');
  });

  test('and is taken out of the cluster: its pods are forgotten, and come up on others', async () => {
    await kubectl(k8s, ['delete', 'node', 'node-2']);
    // Such pods are looked for every 20 s, and given 40 s.
    await k8s.until(
      'three are ready elsewhere',
      async () => {
        const nodes = nodesOf(await ready());
        return nodes.length === 3 && !nodes.includes('node-2');
      },
      120,
    );
  });
});
