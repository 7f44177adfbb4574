import { closeSync, constants, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KubernetesObject } from '../api-client.ts';

/** The lines of a pod's /etc/hosts: there is no DNS server. */
export function hostsOf(
  pod: KubernetesObject,
  address: string,
  services: Iterable<KubernetesObject>,
): string {
  const { metadata, spec } = pod;
  const lines = ['127.0.0.1 localhost', '::1 localhost', `${address} ${spec.hostname ?? metadata.name}`];
  for (const { ip, hostnames = [] } of spec.hostAliases ?? []) lines.push(`${ip} ${hostnames.join(' ')}`);
  for (const {
    metadata: { name, namespace },
    spec: { clusterIP },
  } of services) {
    if (!clusterIP || clusterIP === 'None') continue;
    const names = [
      `${name}.${namespace}.svc.cluster.local`,
      `${name}.${namespace}.svc`,
      `${name}.${namespace}`,
    ];
    if (namespace === metadata.namespace) names.push(name);
    lines.push(`${clusterIP} ${names.join(' ')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Written over what was there: a container has this very file, and would keep one that is replaced. */
export function writeOver(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT);
  try {
    ftruncateSync(file, writeSync(file, text, 0));
  } finally {
    closeSync(file);
  }
}
