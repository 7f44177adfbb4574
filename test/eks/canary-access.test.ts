import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { faultsOf } from '../../tools/kubernetes-schema.ts';
import { renders } from '../kustomize/manifests.ts';
import { parseManifests, render } from '../support/kustomize.ts';

const EKS = join(import.meta.dir, '../../eks');
const read = (file: string) => readFileSync(join(EKS, file), 'utf8');

describe('what the deploy workflow may ask for a canary', () => {
  const [role, binding, policy] = parseManifests(read('canary-access.yaml'));
  const monitoring = renders ? render('kustomize/monitoring').map(({ manifest }) => manifest) : [];
  const service = monitoring.find(
    ({ kind, metadata }) => kind === 'Service' && metadata.name === 'prometheus',
  );

  test('is right by the Kubernetes schema', () => {
    expect([role, binding, policy].map((object) => faultsOf(object))).toEqual([[], [], []]);
  });

  test.skipIf(!renders)('is Prometheus alone, by the name that the script asks for', () => {
    const [port] = service!.spec.ports;
    const name = `${service!.metadata.name}:${port.name}`;
    expect(role!.rules).toEqual([
      { apiGroups: [''], resources: ['services/proxy'], resourceNames: [name], verbs: ['get'] },
    ]);
    for (const { metadata } of [role!, binding!, policy!])
      expect(metadata.namespace).toBe(service!.metadata.namespace);
    const script = readFileSync(join(EKS, '../.github/scripts/canary.sh'), 'utf8');
    expect(script).toContain(`/namespaces/${service!.metadata.namespace}/services/${name}/proxy\n`);
  });

  test('is given to the role that the workflow takes on', () => {
    expect(binding!.roleRef.name).toBe(role!.metadata.name);
    expect(binding!.subjects).toEqual(parseManifests(read('deploy-access.yaml'))[1]!.subjects);
  });

  test.skipIf(!renders)(
    "lets the API server in to Prometheus's own port, through the policy that lets in nobody",
    () => {
      const pod = monitoring.find(({ kind }) => kind === 'StatefulSet')!.spec.template;
      expect(pod.metadata.labels).toMatchObject(policy!.spec.podSelector.matchLabels);
      const [{ from, ports }] = policy!.spec.ingress;
      expect(ports).toEqual([{ port: service!.spec.ports[0].targetPort, protocol: 'TCP' }]);
      // Neither cluster names another VPC.
      expect(from).toEqual([{ ipBlock: { cidr: '192.168.0.0/16' } }]);
      for (const environment of ['dev', 'prod'])
        expect(parse(read(`cluster-${environment}.yaml`)).vpc?.cidr).toBeUndefined();
    },
  );
});
