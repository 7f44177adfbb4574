import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import kubernetes from '../test/schemas/kubernetes-1.35.json' with { type: 'json' };
import podMonitor from '../test/schemas/pod-monitor.json' with { type: 'json' };

const ajv = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true });
ajv.addSchema(kubernetes, 'whole');

/** The same fields, none of them required: a patch holds only what it changes. */
const partial = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true });
partial.addSchema(asPatches(kubernetes) as object, 'whole');

const podMonitorSchema = ajv.compile(podMonitor);
const kinds: Record<string, unknown> = kubernetes.kinds;

/**
 * What is wrong with a Kubernetes object by the schema of its kind: one line a fault, each with the field's path.
 *
 * @param part `patch`: a part of an object, such as a strategic merge patch
 */
export function faultsOf(object: unknown, part: 'whole' | 'patch' = 'whole'): string[] {
  if (typeof object !== 'object' || object === null) return ['is not an object'];
  const { apiVersion, kind } = object as { apiVersion?: unknown; kind?: unknown };
  if (typeof apiVersion !== 'string') return ['apiVersion is missing'];
  if (typeof kind !== 'string') return ['kind is missing'];
  const validate = validatorOf(`${apiVersion}/${kind}`, part);
  if (validate === undefined) {
    return [`${apiVersion} ${kind} has no schema in test/schemas (see tools/reduce-schemas.ts)`];
  }
  return validate(object) ? [] : (validate.errors ?? []).map(faultText);
}

function validatorOf(id: string, part: 'whole' | 'patch'): ValidateFunction | undefined {
  if (id === 'monitoring.coreos.com/v1/PodMonitor') return podMonitorSchema;
  if (!Object.hasOwn(kinds, id)) return undefined;
  return (part === 'whole' ? ajv : partial).getSchema(`whole#/kinds/${id.replaceAll('/', '~1')}`);
}

function faultText(error: ErrorObject): string {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
  const field = (name: string) => (path === '' ? name : `${path}.${name}`);
  if (error.keyword === 'additionalProperties') {
    return `${field(error.params.additionalProperty)} is not a field`;
  }
  if (error.keyword === 'required') return `${field(error.params.missingProperty)} is missing`;
  return `${path || 'it'} ${error.message}`;
}

/** Without `required`, and with kustomize's directives allowed. */
function asPatches(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asPatches);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema)
    .filter(([key, value]) => !(key === 'required' && Array.isArray(value)))
    .map(([key, value]) => [key, asPatches(value)] as const);
  const object = Object.fromEntries(entries);
  if (object.additionalProperties === false) object.patternProperties = { '^\\$patch$': { type: 'string' } };
  return object;
}
