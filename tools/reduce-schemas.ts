/**
 * Makes test/schemas from the public schemas: what our manifests use, without prose, and strict.
 *
 *   bun tools/reduce-schemas.ts kubernetes-1.35.swagger.json eksctl-v1alpha5.schema.json
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Kinds that a manifest here may be. A Secret is not among them: none belongs into git. */
const KINDS = [
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'autoscaling/v2/HorizontalPodAutoscaler',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/NetworkPolicy',
  'policy/v1/PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1/ClusterRole',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding',
  'rbac.authorization.k8s.io/v1/Role',
  'rbac.authorization.k8s.io/v1/RoleBinding',
  'storage.k8s.io/v1/StorageClass',
  'v1/ConfigMap',
  'v1/Namespace',
  'v1/PersistentVolumeClaim',
  'v1/Service',
  'v1/ServiceAccount',
];

/** As the API server reads it; the swagger says only that it is text. */
const QUANTITY =
  '^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+))?$';

interface Schema {
  [keyword: string]: unknown;
  properties?: Record<string, Schema>;
}

interface Swagger {
  definitions: Record<string, Schema>;
}

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

function reduceKubernetes(swagger: Swagger): object {
  const kinds: Record<string, { $ref: string }> = {};
  for (const [name, definition] of Object.entries(swagger.definitions)) {
    for (const { group, version, kind } of (definition['x-kubernetes-group-version-kind'] ??
      []) as GroupVersionKind[]) {
      const id = [group, version, kind].filter(Boolean).join('/');
      if (KINDS.includes(id)) kinds[id] = { $ref: `#/definitions/${name}` };
    }
  }
  const lacking = KINDS.filter((kind) => kinds[kind] === undefined);
  if (lacking.length > 0) throw new Error(`the swagger lacks ${lacking.join(', ')}`);
  const definitions: Record<string, unknown> = {};
  const reach = (value: unknown) => {
    for (const name of referencesIn(value)) {
      if (Object.hasOwn(definitions, name)) continue;
      definitions[name] = strict(name, swagger.definitions[name]);
      reach(definitions[name]);
    }
  };
  reach(kinds);
  return { kinds: sorted(kinds), definitions: sorted(definitions) };
}

function referencesIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"#\/definitions\/([^"]+)"/g)].map((match) => match[1]);
}

function strict(name: string, definition: Schema): Schema {
  if (name.endsWith('.IntOrString')) return { type: ['integer', 'string'] };
  if (name.endsWith('.Quantity')) return { type: ['number', 'string'], pattern: QUANTITY };
  const bare = withoutProse(definition) as Schema;
  return bare.properties && bare.additionalProperties === undefined
    ? { ...bare, additionalProperties: false }
    : bare;
}

/** Without what no validator reads. A property may itself be named 'description', so names are never dropped. */
function withoutProse(value: unknown, areNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, item]) =>
      areNames ||
      !(
        (key === 'description' && typeof item === 'string') ||
        key === 'format' ||
        key === 'preferredOrder' ||
        key.startsWith('x-')
      ),
  );
  return Object.fromEntries(
    kept.map(([key, item]) => [
      key,
      withoutProse(item, !areNames && (key === 'properties' || key === 'definitions')),
    ]),
  );
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One definition a line: small, and still a diff that can be read. */
function write(name: string, value: object): void {
  const lines = Object.entries(value).map(([key, part]) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) {
      return `${JSON.stringify(key)}: ${JSON.stringify(part)}`;
    }
    const items = Object.entries(part).map(
      ([item, body]) => `  ${JSON.stringify(item)}: ${JSON.stringify(body)}`,
    );
    return `${JSON.stringify(key)}: {\n${items.join(',\n')}\n}`;
  });
  writeFileSync(new URL(`../test/schemas/${name}`, import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
}

const [swagger, eksctl] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
if (!swagger || !eksctl) throw new Error('usage: reduce-schemas.ts KUBERNETES_SWAGGER EKSCTL_SCHEMA');
write('kubernetes-1.35.json', reduceKubernetes(swagger));
write('eksctl-v1alpha5.json', withoutProse(eksctl) as object);
