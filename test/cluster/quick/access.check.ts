/** What the deploy workflow and people on call may do in a cluster, tried with their own credentials. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster as theCluster } from '../../support/cluster.ts';
import { apply } from '../support/applied.ts';
import { kubectlLines } from '../support/kubectl-lines.ts';
import { LiveRepository } from '../support/live-repository.ts';
import { notRefused, rightsOf } from '../support/rights.ts';

setDefaultTimeout(CLUSTER_START_MS);

const POD = 'savings-here';
const PROMETHEUS = '/api/v1/namespaces/monitoring/services/prometheus:web/proxy/api/v1/query?query=up';

/** What neither may do. POD is there, so that nothing is refused for being absent. */
const NOBODY = [
  'get secrets',
  'get secret receivers',
  'get secrets --all-namespaces',
  'get secrets --namespace monitoring',
  'create secret generic theirs --from-literal=a=b',
  'patch secret receivers --patch \'{"stringData": {"a": "b"}}\'',
  'create token savings',
  'create token prometheus --namespace monitoring',
  // A shell in a pod, and what comes near it.
  `exec ${POD} -- true`,
  `attach ${POD}`,
  `cp ${POD}:/etc/passwd /tmp/savings-passwd`,
  `debug ${POD} --image=busybox`,
  'run theirs --image=busybox',
  // Nothing that deletes, or puts another thing in the place of one.
  'delete deployment savings',
  'delete service savings',
  `delete pod ${POD}`,
  'delete configmap --all',
  'delete namespace monitoring',
  'delete networkpolicy savings',
  'delete poddisruptionbudget savings',
  'delete --raw /api/v1/namespaces/default/pods',
  'get deployment savings --output json | kubectl replace --filename -',
  // Their own rights.
  'get roles',
  'create role all --verb=get --resource=secrets',
  'create rolebinding more --clusterrole=admin --group=savings-deployers',
  'create clusterrolebinding more --clusterrole=cluster-admin --group=savings-deployers',
  'patch role savings-deploy --type=json --patch \'[{"op": "add", "path": "/rules/0/resources/-", "value": "secrets"}]\'',
  'get pods --as=admin --as-group=system:masters',
  'certificate approve theirs',
  // What the namespace holds its pods to, and what else is everybody's.
  'label namespace default --overwrite pod-security.kubernetes.io/enforce=privileged',
  'create namespace theirs',
  'create deployment theirs --image=busybox --namespace monitoring',
  'create deployment theirs --image=busybox --namespace kube-system',
  'create configmap theirs --namespace kube-system',
  'create quota theirs --hard=pods=1',
  'create ingress theirs --rule=a/b=savings:http',
  'delete node node-1',
  'get --raw /metrics',
  'get --raw /api/v1/nodes/node-1/proxy/pods',
  'get --raw /api/v1/namespaces/monitoring/services/grafana:3000/proxy/',
  `get --raw /api/v1/namespaces/default/pods/${POD}:metrics/proxy/metrics`,
];

/** What the workflow may not, of what people on call may. */
const WORKFLOW = [
  'get nodes',
  'cordon node-1',
  'get namespaces',
  'get pods --namespace monitoring',
  'get pods --all-namespaces',
  'get configmaps --namespace monitoring',
  'logs --namespace monitoring deployment/grafana',
  `port-forward pod/${POD} 18080:8080`,
  'rollout restart deployment/grafana --namespace monitoring',
  `create --raw /api/v1/namespaces/default/pods/${POD}/eviction --filename=<(echo '{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "${POD}"}}')`,
  'create job theirs --from=cronjob/batch-scoring',
  'scale deployment/savings --replicas=9',
];

/** Of people on call, where they only look. */
const ON_CALL = [
  'create configmap theirs --namespace monitoring',
  'create service clusterip theirs --tcp=80 --namespace monitoring',
  'get node node-1 --output json | kubectl replace --filename -',
  `get --raw ${PROMETHEUS}`,
];

const APPLIED = [
  '/configmaps /serviceaccounts /services apps/deployments autoscaling/horizontalpodautoscalers batch/cronjobs',
  'networking.k8s.io/networkpolicies policy/poddisruptionbudgets monitoring.coreos.com/podmonitors',
].flatMap((line) => line.split(' '));
const READ = ['/events', '/pods', '/pods/log', 'apps/replicasets'];
const EACH = (verbs: string, resources: readonly string[]) =>
  verbs.split(' ').flatMap((verb) => resources.map((resource) => `${verb} ${resource}`));

describe('access', () => {
  let cluster: Cluster;
  let repository: LiveRepository;
  beforeAll(async () => {
    cluster = await theCluster();
    repository = await LiveRepository.of(cluster);
    const made = await repository.asDocumented([
      ...kubectlLines('## 2. A cluster'),
      'kubectl create secret generic receivers --from-literal=url=https://example.test',
      'cd kustomize/overlays/prod',
      'kustomize edit add component ../../components/batch-scoring',
      `kustomize edit set image savings=${IMAGES.seeming}`,
    ]);
    expect(made).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(() => repository?.close());

  test('the workflow may apply all of prod, anew and again', async () => {
    const options = { cwd: repository.checkout, as: 'deployer' } as const;
    const made = await apply(cluster, ['-k', 'kustomize/overlays/prod'], options);
    expect(new Set(made.values())).toEqual(new Set(['created']));
    const again = await apply(cluster, ['-k', 'kustomize/overlays/prod'], options);
    expect([...again.keys()]).toEqual([...made.keys()]);
    const { status, stdout } = await cluster.kubectl(['diff', '-k', 'kustomize/overlays/prod'], {
      cwd: repository.checkout,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  test('the workflow may do this in one namespace, and in the others nothing', async () => {
    expect(await rightsOf(cluster, 'deployer', 'default')).toEqual(
      [...EACH('get list watch create patch', APPLIED), ...EACH('get list watch', READ)].toSorted(),
    );
    for (const { metadata } of await cluster.api.list('/api/v1/namespaces'))
      if (metadata.name !== 'default') {
        const rights = await rightsOf(cluster, 'deployer', metadata.name);
        expect({ [metadata.name]: rights }).toEqual({ [metadata.name]: [] });
      }
  });

  describe('what must not be done is refused', () => {
    beforeAll(async () => {
      // A pod with a name that is known before.
      const { items } = await cluster.api.get(
        '/apis/apps/v1/namespaces/default/deployments?labelSelector=app.kubernetes.io/name=savings',
      );
      const { spec } = items[0].spec.template;
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: POD }, spec };
      await cluster.api.request('POST', '/api/v1/namespaces/default/pods', pod);
    });

    test('to the workflow', async () => {
      expect(await notRefused(cluster, 'deployer', [...NOBODY, ...WORKFLOW])).toEqual({});
    });

    test('to people on call', async () => {
      expect(await notRefused(cluster, 'on-call', [...NOBODY, ...ON_CALL])).toEqual({});
    });
  });

  test('for a canary the workflow may ask Prometheus, and only ask it', async () => {
    expect(await notRefused(cluster, 'deployer', [`get --raw ${PROMETHEUS}`])).toEqual({});
    const lines = kubectlLines('## 5a. prod: push to main').filter((line) => line.includes('canary-access'));
    expect(lines).toHaveLength(1);
    expect(await repository.asDocumented(lines)).toMatchObject({ status: 0, stderr: '' });
    expect(await rightsOf(cluster, 'deployer', 'monitoring')).toEqual(['get /services/proxy/prometheus:web']);
    // Whether it answers is another matter.
    const { stderr } = await cluster.kubectl(['get', '--raw', PROMETHEUS], { as: 'deployer' });
    expect(stderr).not.toMatch(/forbidden/i);
    const { pathname } = new URL(PROMETHEUS, 'http://prometheus');
    const change = pathname.replace('query', 'admin/tsdb/delete_series');
    expect(
      await notRefused(cluster, 'deployer', [
        `create --raw ${change} --filename=/dev/null`,
        `delete --raw ${change}`,
        `get --raw ${PROMETHEUS.replace('prometheus:web', 'prometheus')}`,
        `get --raw ${PROMETHEUS.replace('prometheus:web', 'grafana:3000')}`,
        'get services --namespace monitoring',
      ]),
    ).toEqual({});
  });
});
