import type { ApiClient, KubernetesObject } from './api-client.ts';

/** What Kubernetes makes by itself, and makes again. */
const OWN_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const isOwn = ({ metadata: { name, labels } }: KubernetesObject) =>
  labels?.['kubernetes.io/bootstrapping'] !== undefined || /^(system:|cluster-admin$)/.test(name);

/** In the order of deletion: what would make others again comes before them. */
const NAMESPACED = [
  '/apis/batch/v1:cronjobs',
  '/apis/batch/v1:jobs',
  '/apis/autoscaling/v2:horizontalpodautoscalers',
  '/apis/apps/v1:deployments',
  '/apis/apps/v1:statefulsets',
  '/apis/apps/v1:daemonsets',
  '/apis/apps/v1:replicasets',
  '/api/v1:services',
  '/apis/policy/v1:poddisruptionbudgets',
  '/apis/networking.k8s.io/v1:networkpolicies',
  '/apis/rbac.authorization.k8s.io/v1:rolebindings',
  '/apis/rbac.authorization.k8s.io/v1:roles',
  '/api/v1:persistentvolumeclaims',
  '/api/v1:configmaps',
  '/api/v1:secrets',
  '/api/v1:serviceaccounts',
  '/api/v1:pods',
];
const OF_THE_CLUSTER = [
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/storage.k8s.io/v1/storageclasses',
  '/api/v1/persistentvolumes',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
];
/** Made again at once in every namespace, or the API server's own. */
const STAYS = ['configmaps/kube-root-ca.crt', 'services/kubernetes', 'serviceaccounts/default'];

const GONE_MS = 60_000;

/** Takes away every object that is not Kubernetes' own, outside of kube-system. Pods end at once. */
export async function clearObjects(api: ApiClient): Promise<void> {
  const gone = { gracePeriodSeconds: 0, propagationPolicy: 'Background' };
  const remove = (path: string) => api.request('DELETE', path, gone).catch(() => {});
  for (const kind of NAMESPACED) {
    const [group, plural] = kind.split(':');
    const objects = await api.list(`${group}/${plural}`);
    await Promise.all(
      objects
        .filter(
          ({ metadata }) =>
            metadata.namespace !== 'kube-system' && !STAYS.includes(`${plural}/${metadata.name}`),
        )
        .map(({ metadata: { namespace, name } }) =>
          remove(`${group}/namespaces/${namespace}/${plural}/${name}`),
        ),
    );
  }
  for (const path of OF_THE_CLUSTER) {
    const objects = (await api.list(path)).filter((object) => !isOwn(object));
    await Promise.all(objects.map(({ metadata }) => remove(`${path}/${metadata.name}`)));
  }
  const namespaces = '/api/v1/namespaces';
  const others = async () =>
    (await api.list(namespaces)).filter(({ metadata }) => !OWN_NAMESPACES.includes(metadata.name));
  for (const { metadata } of await others()) await remove(`${namespaces}/${metadata.name}`);
  // The other one that rehearsals use keeps its name alone.
  const kept = [
    { op: 'replace', path: '/metadata/labels', value: { 'kubernetes.io/metadata.name': 'default' } },
  ];
  await api.request('PATCH', `${namespaces}/default`, kept, 'application/json-patch+json');
  // A namespace is gone when all that was in it is; a name that is being deleted cannot be used again.
  const end = performance.now() + GONE_MS;
  while ((await others()).length > 0 || (await api.list('/api/v1/pods')).length > 0) {
    if (performance.now() > end) throw new Error('Not all namespaces and pods went away');
    await Bun.sleep(100);
  }
}
