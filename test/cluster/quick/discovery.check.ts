/** What Prometheus finds in the cluster, by its own ConfigMap and service account, and what that account may see. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { KUBELET_PORT } from '../../../tools/cluster/addresses.ts';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { ClusterPrometheus, expectedTargets, MONITORING } from '../support/cluster-prometheus.ts';
import { kubectl } from '../support/kubectl.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';

describe('Prometheus in the cluster', () => {
  const copy = new KustomizeCopy();
  let k8s: Cluster;

  beforeAll(async () => {
    k8s = await cluster();
    copy.setImage('dev', IMAGES.good);
    copy.set('overlays/dev/savings.env', { MODEL_BUCKET: k8s.s3.bucket });
    await kubectl(k8s, ['apply', '-k', copy.path(MONITORING)]);
    await kubectl(k8s, ['apply', '-k', copy.path('overlays/dev')]);
  }, CLUSTER_START_MS);

  afterAll(() => copy[Symbol.dispose]());

  test('finds the savings pods, the Nodes’ kubelets and cAdvisors, the exporters and itself', async () => {
    const prometheus = await ClusterPrometheus.of(k8s);
    let [found, expected]: unknown[] = [];
    await k8s
      .until('it has found them', async () => {
        [found, expected] = await Promise.all([prometheus.targets(), expectedTargets(k8s)]);
        return Bun.deepEquals(found, expected);
      })
      .catch(() => {});
    expect(found).toEqual(expected);
  }, 200_000);

  test('may see pods, Nodes and their metrics, and kube-state-metrics what it tells of, and nothing else', async () => {
    const may = async (verb: string, what: string, account = 'prometheus') => {
      const [path, subresource] = what.split('/');
      const [resource, group = ''] = path!.split('.');
      const { status } = await k8s.api.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: `system:serviceaccount:${MONITORING}:${account}`,
          resourceAttributes: { verb, resource, group, ...(subresource && { subresource }) },
        },
      });
      return [what, status.allowed];
    };
    for (const what of ['pods', 'nodes', 'nodes/metrics'])
      expect(await may('get', what)).toEqual([what, true]);
    for (const what of ['nodes/proxy', 'secrets', 'configmaps', 'services', 'deployments.apps'])
      expect(await may('get', what)).toEqual([what, false]);
    // What --resources of kube-state-metrics names.
    for (const what of ['pods', 'nodes', 'deployments.apps', 'horizontalpodautoscalers.autoscaling'])
      for (const verb of ['list', 'watch'])
        expect(await may(verb, what, 'kube-state-metrics')).toEqual([what, true]);
    for (const what of ['secrets', 'configmaps', 'nodes/metrics'])
      expect(await may('list', what, 'kube-state-metrics')).toEqual([what, false]);
  });

  test('is told by a Node what its containers use, and another’s token is not', async () => {
    const [node] = await k8s.api.list('/api/v1/nodes');
    const { address } = node!.status.addresses[0];
    const status = async (token?: string) => {
      const response = await fetch(`https://${address}:${KUBELET_PORT}/metrics/cadvisor`, {
        ...(token && { headers: { authorization: `Bearer ${token}` } }),
        tls: { rejectUnauthorized: false },
      } as RequestInit);
      await response.body?.cancel();
      return response.status;
    };
    const tokenOf = (account: string) =>
      kubectl(k8s, ['create', 'token', account, `--namespace=${MONITORING}`]);
    expect(await status()).toBe(401);
    expect(await status('no.such.token')).toBe(401);
    expect(await status(await tokenOf('kube-state-metrics'))).toBe(403);
    expect(await status(await tokenOf('prometheus'))).toBe(200);
  });
});
