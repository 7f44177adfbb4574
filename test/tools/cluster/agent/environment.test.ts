import { describe, expect, test } from 'bun:test';
import {
  ConfigError,
  declaredVariables,
  expand,
  fieldOf,
  type Sources,
  serviceVariables,
} from '../../../../tools/cluster/agent/environment.ts';

const facts = {
  pod: {
    metadata: {
      name: 'job-0-x7',
      namespace: 'default',
      uid: 'u1',
      annotations: { 'batch.kubernetes.io/job-completion-index': '3' },
    },
    spec: { nodeName: 'node-1', serviceAccountName: 'savings', enableServiceLinks: false },
  },
  podAddress: '10.0.64.1',
  hostAddress: '10.0.1.1',
};

const keys = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value)]));
const sources: Sources = {
  configMap: async (name) => (name === 'settings' ? keys({ FROM: 's3://in', TO: 's3://out' }) : undefined),
  secret: async (name) => (name === 'key' ? keys({ key: 'k' }) : undefined),
};
const declared = (container: object, before = {}) => declaredVariables(container, facts, sources, before);

describe('$(NAME)', () => {
  test('becomes its value, and stays where it has none', () => {
    expect(expand('--from=$(FROM) $(NONE)', { FROM: 'here' })).toBe('--from=here $(NONE)');
  });

  test('is meant as it stands after a second dollar', () => {
    expect(expand('$$(FROM) $$$(FROM) 5$', { FROM: 'here' })).toBe('$(FROM) $here 5$');
  });

  test('may be what came before it, not what comes after', async () => {
    const env = [
      { name: 'A', value: '$(FROM)/a' },
      { name: 'B', value: '$(A)/b $(C)' },
      { name: 'C', value: 'c' },
    ];
    const found = await declared({ envFrom: [{ configMapRef: { name: 'settings' } }], env });
    expect(found).toEqual({ FROM: 's3://in', TO: 's3://out', A: 's3://in/a', B: 's3://in/a/b $(C)', C: 'c' });
  });
});

test('env goes before envFrom, whose keys can have a prefix', async () => {
  const envFrom = [
    { configMapRef: { name: 'settings' } },
    { prefix: 'THE_', secretRef: { name: 'key' } },
    { configMapRef: { name: 'none', optional: true } },
  ];
  const env = [{ name: 'TO', value: 'there' }];
  expect(await declared({ envFrom, env })).toEqual({ FROM: 's3://in', TO: 'there', THE_key: 'k' });
});

test('single keys of ConfigMaps and Secrets, and the pod itself', async () => {
  const env = [
    { name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'FROM' } } },
    { name: 'B', valueFrom: { secretKeyRef: { name: 'key', key: 'none', optional: true } } },
    {
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: {
        fieldRef: { fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']" },
      },
    },
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
    { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'requests.cpu' } } },
    { name: 'MIB', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
  ];
  const resources = { requests: { cpu: '250m' }, limits: { memory: '256Mi' } };
  expect(await declared({ env, resources })).toEqual({
    ...{ A: 's3://in', JOB_COMPLETION_INDEX: '3', NODE: '10.0.1.1', CPUS: '1', MIB: '256' },
  });
});

test('what is missing is named as a kubelet does', async () => {
  const missing = async (container: object) => {
    const error = await declared(container).catch((caught) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    return error.message;
  };
  const from = (ref: object) => ({ env: [{ name: 'A', valueFrom: ref }] });
  expect(await missing({ envFrom: [{ configMapRef: { name: 'none' } }] })).toBe('configmap "none" not found');
  expect(await missing(from({ secretKeyRef: { name: 'none', key: 'k' } }))).toBe('secret "none" not found');
  expect(await missing(from({ configMapKeyRef: { name: 'settings', key: 'k' } }))).toBe(
    "couldn't find key k in ConfigMap default/settings",
  );
  expect(() => fieldOf(facts, 'spec.nodeSelector')).toThrow('unsupported fieldPath: spec.nodeSelector');
});

describe('variables of Services', () => {
  const service = (name: string, namespace: string, clusterIP: string, port: number) => ({
    metadata: { name, namespace },
    spec: { clusterIP, ports: [{ name: 'http', port, protocol: 'TCP' }] },
  });
  const services = [
    service('kubernetes', 'default', '10.96.0.1', 443),
    service('the-page', 'default', '10.96.0.2', 80),
    service('other', 'monitoring', '10.96.0.3', 80),
    service('headless', 'default', 'None', 80),
  ];
  const namesOf = (enableServiceLinks: boolean) =>
    Object.keys(serviceVariables({ ...facts.pod, spec: { enableServiceLinks } }, services)).filter((name) =>
      name.endsWith('_SERVICE_HOST'),
    );

  test('are those of the API server, and of the namespace where they are wanted', () => {
    expect(namesOf(false)).toEqual(['KUBERNETES_SERVICE_HOST']);
    expect(namesOf(true)).toEqual(['KUBERNETES_SERVICE_HOST', 'THE_PAGE_SERVICE_HOST']);
    expect(serviceVariables(facts.pod, services)).toMatchObject({
      ...{ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' },
      ...{ KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443' },
    });
  });
});
