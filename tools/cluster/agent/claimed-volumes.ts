import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, ApiError, type KubernetesObject } from '../api-client.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const ZONE = 'topology.kubernetes.io/zone';
const VOLUMES = '/api/v1/persistentvolumes';

/** A claim's folder of this machine. */
export const folderOf = (claims: string, namespace: string, name: string) => join(claims, namespace, name);

/**
 * A PersistentVolume for each claim, as the driver of EBS makes them: once the scheduler has chosen a Node, in that
 * Node's zone. It goes with its claim, where its class says so.
 * @param claims for the volumes' folders
 */
export async function provideVolumes(api: ApiClient, claims: string, signal: AbortSignal): Promise<void> {
  for await (const { type, object } of api.watch('/api/v1/persistentvolumeclaims', signal)) {
    const { name, namespace = '', uid, annotations = {} } = object.metadata;
    if (type === 'DELETED') await remove(api, `pvc-${uid}`, folderOf(claims, namespace, name));
    else if (annotations[PROVISIONER] && annotations[SELECTED_NODE] && !object.spec.volumeName)
      await unlessGone(provide(api, object, claims));
  }
}

async function provide(api: ApiClient, claim: KubernetesObject, claims: string): Promise<void> {
  const { name, namespace = '', uid, annotations = {} } = claim.metadata;
  const { storageClassName, accessModes, resources, volumeMode } = claim.spec;
  const [node, storageClass] = await Promise.all([
    api.get(`/api/v1/nodes/${annotations[SELECTED_NODE]}`),
    api.get(`/apis/storage.k8s.io/v1/storageclasses/${storageClassName}`),
  ]);
  const zone = { key: ZONE, operator: 'In', values: [node.metadata.labels?.[ZONE]] };
  await api.request('POST', VOLUMES, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: `pvc-${uid}`,
      annotations: { 'pv.kubernetes.io/provisioned-by': annotations[PROVISIONER] },
    },
    spec: {
      ...{ storageClassName, accessModes, volumeMode, capacity: { storage: resources.requests.storage } },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } },
      hostPath: { path: folderOf(claims, namespace, name) },
    },
  });
}

async function remove(api: ApiClient, volume: string, folder: string): Promise<void> {
  await unlessGone(
    (async () => {
      const { spec } = await api.get(`${VOLUMES}/${volume}`);
      if (spec.persistentVolumeReclaimPolicy !== 'Delete') return;
      await api.request('DELETE', `${VOLUMES}/${volume}`);
      rmSync(folder, { recursive: true, force: true });
    })(),
  );
}

/** What was there before an answer came may be gone or made by then. */
async function unlessGone(work: Promise<void>): Promise<void> {
  await work.catch((error) => {
    if (!(error instanceof ApiError && (error.status === 404 || error.status === 409))) throw error;
  });
}
