import { LOAD_BALANCERS } from './addresses.ts';
import type { ApiClient, KubernetesObject } from './api-client.ts';

const [PREFIX] = LOAD_BALANCERS.split('.0/');

/** Gives each Service of type LoadBalancer an address, as a cloud's controller does; kube-proxy serves it. */
export async function giveAddresses(api: ApiClient): Promise<void> {
  const given = new Map<string, string>();
  for await (const { type, object } of api.watch('/api/v1/services', new AbortController().signal)) {
    const uid = object.metadata.uid!;
    if (type === 'DELETED') {
      given.delete(uid);
    } else if (wants(object)) {
      const address = given.get(uid) ?? free(given);
      given.set(uid, address);
      const { namespace, name } = object.metadata;
      const path = `/api/v1/namespaces/${namespace}/services/${name}`;
      // It may be gone by now.
      await api.patchStatus(path, { loadBalancer: { ingress: [{ ip: address }] } }).catch(() => {});
    }
  }
}

const wants = ({ spec, status }: KubernetesObject) =>
  spec.type === 'LoadBalancer' && (status?.loadBalancer?.ingress ?? []).length === 0;

function free(given: ReadonlyMap<string, string>): string {
  const taken = new Set(given.values());
  for (let n = 1; n < 255; n++) if (!taken.has(`${PREFIX}.${n}`)) return `${PREFIX}.${n}`;
  throw new Error(`All addresses of ${LOAD_BALANCERS} are given`);
}
