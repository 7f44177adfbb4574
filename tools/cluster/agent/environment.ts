import type { KubernetesObject } from '../api-client.ts';
import { quantity } from '../quantity.ts';
import type { Part } from './part.ts';

/** What a container asks for is not there (yet). As a kubelet says it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** ConfigMaps and Secrets of the pod's namespace: their keys, or undefined where there is none of that name. */
export interface Sources {
  configMap(name: string): Promise<Map<string, Buffer> | undefined>;
  secret(name: string): Promise<Map<string, Buffer> | undefined>;
}

export interface PodFacts {
  pod: KubernetesObject;
  podAddress: string;
  hostAddress: string;
}

/** `$(NAME)` becomes its value where it has one, and `$$` a dollar. */
export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name) =>
    name === undefined ? '$' : (values[name] ?? whole),
  );
}

/** @throws ConfigError for a field that there is not */
export function fieldOf({ pod, podAddress, hostAddress }: PodFacts, path: string): string {
  const { metadata, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  const lines = (map: Record<string, string> = {}) =>
    Object.entries(map)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join('\n');
  const fields: Record<string, () => string | undefined> = {
    'metadata.name': () => metadata.name,
    'metadata.namespace': () => metadata.namespace,
    'metadata.uid': () => metadata.uid,
    'metadata.labels': () => lines(metadata.labels),
    'metadata.annotations': () => lines(metadata.annotations),
    'spec.nodeName': () => spec.nodeName,
    'spec.serviceAccountName': () => spec.serviceAccountName,
    'status.hostIP': () => hostAddress,
    'status.hostIPs': () => hostAddress,
    'status.podIP': () => podAddress,
    'status.podIPs': () => podAddress,
  };
  const field = fields[path];
  if (field === undefined) throw new ConfigError(`unsupported fieldPath: ${path}`);
  return field() ?? '';
}

/** @throws ConfigError where neither is said: a kubelet would say what the Node has, and that depends on the machine */
function resourceOf(container: Part, { resource, divisor }: { resource: string; divisor?: string }): string {
  const [kind, name] = resource.split('.') as [string, string];
  const value = container.resources?.[kind]?.[name] ?? container.resources?.limits?.[name];
  if (value === undefined) throw new ConfigError(`the container has no ${resource}`);
  const by = divisor === undefined || divisor === '0' ? 1 : quantity(divisor);
  return String(Math.ceil(quantity(value) / by));
}

/** NAME_SERVICE_HOST and the like, for the Service `kubernetes` and, where links are on, those of the namespace. */
export function serviceVariables(
  pod: KubernetesObject,
  services: Iterable<KubernetesObject>,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { metadata, spec } of services) {
    if (!spec.clusterIP || spec.clusterIP === 'None') continue;
    const isKubernetes = metadata.namespace === 'default' && metadata.name === 'kubernetes';
    const isLinked = metadata.namespace === pod.metadata.namespace && pod.spec.enableServiceLinks !== false;
    if (!isKubernetes && !isLinked) continue;
    const upper = (name: string) => name.toUpperCase().replaceAll('-', '_');
    const name = upper(metadata.name);
    variables[`${name}_SERVICE_HOST`] = spec.clusterIP;
    variables[`${name}_SERVICE_PORT`] = String(spec.ports[0].port);
    const urlOf = (port: Part) => `${port.protocol.toLowerCase()}://${spec.clusterIP}:${port.port}`;
    variables[`${name}_PORT`] = urlOf(spec.ports[0]);
    for (const port of spec.ports) {
      if (port.name) variables[`${name}_SERVICE_PORT_${upper(port.name)}`] = String(port.port);
      const link = `${name}_PORT_${port.port}_${port.protocol}`;
      variables[link] = urlOf(port);
      variables[`${link}_PROTO`] = port.protocol.toLowerCase();
      variables[`${link}_PORT`] = String(port.port);
      variables[`${link}_ADDR`] = spec.clusterIP;
    }
  }
  return variables;
}

/**
 * What `envFrom` and `env` give, later ones over earlier ones. `$(NAME)` in a value is what came before it.
 * @param before what the values may refer to besides
 * @throws ConfigError naming the ConfigMap, Secret or key that is missing
 */
export async function declaredVariables(
  container: Part,
  facts: PodFacts,
  sources: Sources,
  before: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  const kinds = { configMap: 'ConfigMap', secret: 'Secret' } as const;
  const namespace = facts.pod.metadata.namespace;
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const [kind, ref] = configMapRef
      ? (['configMap', configMapRef] as const)
      : (['secret', secretRef] as const);
    const keys = await sources[kind](ref.name);
    if (keys === undefined && !ref.optional)
      throw new ConfigError(`${kind.toLowerCase()} "${ref.name}" not found`);
    for (const [key, value] of keys ?? []) variables[prefix + key] = value.toString();
  }
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      variables[name] = expand(value, { ...before, ...variables });
    } else if (valueFrom.fieldRef) {
      variables[name] = fieldOf(facts, valueFrom.fieldRef.fieldPath);
    } else if (valueFrom.resourceFieldRef) {
      variables[name] = resourceOf(container, valueFrom.resourceFieldRef);
    } else {
      const kind = valueFrom.configMapKeyRef ? 'configMap' : 'secret';
      const ref = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef;
      if (ref === undefined)
        throw new ConfigError(`${name} comes from ${Object.keys(valueFrom)}, which is not done here`);
      const keys = await sources[kind](ref.name);
      const found = keys?.get(ref.key);
      if (found !== undefined) variables[name] = found.toString();
      else if (keys === undefined && !ref.optional)
        throw new ConfigError(`${kind.toLowerCase()} "${ref.name}" not found`);
      else if (!ref.optional)
        throw new ConfigError(`couldn't find key ${ref.key} in ${kinds[kind]} ${namespace}/${ref.name}`);
    }
  }
  return variables;
}
