/** docs/runbook.md, 'Take a node out', by people on call, while visitors ask: with this checkout's program in the pods. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { node, setNodes } from '../../../tools/cluster/nodes.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { apply } from '../support/applied.ts';
import { kubectl } from '../support/kubectl.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';
import { Live } from '../support/live.ts';

setDefaultTimeout(2 * CLUSTER_START_MS);

describe('a Node with both pods of prod', () => {
  let k8s: Cluster;
  let live: Live;
  beforeAll(async () => {
    k8s = await cluster();
    await setNodes(k8s.api, ['a']);
    using copy = new KustomizeCopy();
    copy.setImage('prod', IMAGES.good);
    copy.set('overlays/prod/savings.env', { MODEL_BUCKET: k8s.s3.bucket });
    // It grants something there too.
    await kubectl(k8s, ['apply', '-f', 'kustomize/monitoring/namespace.yaml']);
    await kubectl(k8s, ['apply', '-f', 'eks/on-call-access.yaml']);
    // However much they have to do, there are two. Little, since one that leaves is counted beside its successor.
    k8s.pretendUsage(() => ({ cpuMillicores: 10 }));
    await apply(k8s, ['-k', copy.path('overlays/prod')], {});
    await k8s.until('two pods are ready', async () => (await nodesOfPods()).length === 2);
    for (const other of [node(2, 'b'), node(3, 'c')]) await k8s.api.request('POST', '/api/v1/nodes', other);
    live = new Live(k8s);
  });
  afterAll(() => live?.leave());

  /** Of those that are ready. */
  const nodesOfPods = async () =>
    (await k8s.api.list('/api/v1/namespaces/default/pods?labelSelector=app.kubernetes.io/name%3Dsavings'))
      .filter(({ metadata, status }) => !metadata.deletionTimestamp && status.containerStatuses?.[0].ready)
      .map(({ spec }) => spec.nodeName as string);

  test('is drained one pod at a time, and no request is lost', async () => {
    expect(await nodesOfPods()).toEqual(['node-1', 'node-1']);
    await live.visit();
    const drain = ['drain', 'node-1', '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=2m'];
    const { status, stdout, stderr } = await k8s.kubectl(drain, { as: 'on-call' });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    // The second had to wait for the first one's successor.
    expect(stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget");
    expect(stdout).toContain('node/node-1 drained');
    await k8s.until('two are ready elsewhere', async () => (await nodesOfPods()).length === 2);
    expect((await nodesOfPods()).toSorted()).toEqual(['node-2', 'node-3']);
    const { answered, failures } = await live.leave();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });
});
