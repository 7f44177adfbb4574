import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { COMPONENTS, Manifests, renders } from '../kustomize/manifests.ts';
import { faultsOf } from '../../tools/kubernetes-schema.ts';
import eksctl from '../schemas/eksctl-v1alpha5.json' with { type: 'json' };
import { parseManifests } from '../support/kustomize.ts';
import { readTemplate } from './cloudformation.ts';

const EKS = join(import.meta.dir, '../../eks');
const read = (file: string) => readFileSync(join(EKS, file), 'utf8');
const validate = new Ajv({ strict: false, allErrors: true }).compile(eksctl);

function faultsIn(config: unknown): string[] {
  if (validate(config)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

const roleNames = Object.values(readTemplate(join(EKS, 'aws.yaml')).Resources)
  .filter(({ Type }) => Type === 'AWS::IAM::Role')
  .map(({ Properties }) => Properties.RoleName);

describe("eksctl's schema, as kept here", () => {
  test('refuses an unknown field and a wrong type', () => {
    const config = parse(read('cluster-dev.yaml'));
    expect(faultsIn({ ...config, nodeGroup: [] })).toHaveLength(1);
    expect(faultsIn({ ...config, vpc: { nat: { gateway: 'None' } } })).toHaveLength(1);
    expect(faultsIn({})).not.toEqual([]);
  });
});

describe.each(['dev', 'prod'])('eks/cluster-%s.yaml', (environment) => {
  const config = parse(read(`cluster-${environment}.yaml`));

  test("is right by eksctl's schema", () => {
    expect(faultsIn(config)).toEqual([]);
  });

  test('is a cluster of its own, of a version still in standard support', () => {
    expect(config.metadata).toMatchObject({ name: `savings-${environment}`, version: '1.35' });
    expect(config.upgradePolicy).toEqual({ supportType: 'STANDARD' });
    expect(config.autoModeConfig).toEqual({ enabled: false });
  });

  const accounts = [
    ['default', 'savings', 'savings-read'],
    ['default', 'savings-score', 'savings-score'],
    ['default', 'savings-train', 'savings-train'],
    ['monitoring', 'alertmanager', 'savings-alert'],
  ];

  test('gives each of our service accounts its role', () => {
    expect(config.iam.podIdentityAssociations).toEqual(
      accounts.map(([namespace, serviceAccountName, role]) => ({
        namespace,
        serviceAccountName,
        roleARN: `arn:aws:iam::ACCOUNT_ID:role/${role}`,
      })),
    );
    for (const [, , role] of accounts) expect(roleNames).toContain(role);
  });

  test.skipIf(!renders)('knows every service account of the manifests', () => {
    const named = new Manifests('prod', COMPONENTS)
      .ofKind('ServiceAccount')
      .map(({ metadata }) => metadata.name);
    const associated = accounts.filter(([namespace]) => namespace === 'default').map(([, name]) => name!);
    expect(named.sort()).toEqual(associated.sort());
  });

  test('knows the service account of Alertmanager by its name and its namespace', () => {
    const [account] = parseManifests(read('../kustomize/components/alertmanager/deployment.yaml'));
    const { namespace } = parse(read('../kustomize/monitoring/kustomization.yaml'));
    expect([account?.kind, namespace, account?.metadata.name]).toEqual([
      'ServiceAccount',
      ...accounts.at(-1)!.slice(0, 2),
    ]);
  });

  test('has the add-ons that our manifests need', () => {
    const names = config.addons.map(({ name }: { name: string }) => name);
    for (const name of ['vpc-cni', 'coredns', 'kube-proxy', 'eks-pod-identity-agent'])
      expect(names).toContain(name);
    expect(names).toContain('metrics-server'); // the autoscaler's source
    expect(names).toContain('aws-ebs-csi-driver'); // Prometheus's disk
    const [cni] = config.addons;
    expect(JSON.parse(cni.configurationValues)).toEqual({ enableNetworkPolicy: 'true' });
  });

  test("keeps pods away from the nodes' own credentials, and has room for a rollout", () => {
    for (const group of config.managedNodeGroups) {
      expect(group.disablePodIMDS).toBe(true);
      expect(group.volumeEncrypted).toBe(true);
      expect(group.minSize).toBeGreaterThanOrEqual(2);
    }
  });

  test('names only roles that the stack makes', () => {
    const named = JSON.stringify(config).matchAll(/arn:aws:iam::ACCOUNT_ID:role\/([\w-]+)/g);
    for (const [, role] of named) expect(roleNames).toContain(role);
  });

  test('replaces nodes that fail', () => {
    for (const { nodeRepairConfig } of config.managedNodeGroups)
      expect(nodeRepairConfig).toEqual({ enabled: true });
  });

  test('lets people on call in', () => {
    expect(config.accessConfig.accessEntries).toContainEqual({
      principalARN: 'arn:aws:iam::ACCOUNT_ID:role/savings-on-call',
      type: 'STANDARD',
      kubernetesGroups: ['savings-on-call'],
    });
  });
});

describe('what the deploy workflow may do in the cluster', () => {
  const [role, binding] = parseManifests(read('deploy-access.yaml'));

  test('is right by the Kubernetes schema', () => {
    expect([faultsOf(role), faultsOf(binding)]).toEqual([[], []]);
  });

  test('is given to the role that the workflow takes on', () => {
    const { accessEntries } = parse(read('cluster-prod.yaml')).accessConfig;
    expect(accessEntries).toContainEqual({
      principalARN: 'arn:aws:iam::ACCOUNT_ID:role/savings-deploy',
      type: 'STANDARD',
      kubernetesGroups: [binding?.subjects[0].name],
    });
    expect(binding?.roleRef.name).toBe(role!.metadata.name);
    expect(read('cluster-dev.yaml')).not.toContain('savings-deploy');
  });

  test.skipIf(!renders)('is enough for every kind in the prod overlay with every component', () => {
    const may = (verb: string, group: string, resource: string) =>
      role!.rules.some(
        (rule: { apiGroups: string[]; resources: string[]; verbs: string[] }) =>
          rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb),
      );
    for (const { apiVersion, kind } of new Manifests('prod', COMPONENTS).all) {
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
      const resource = `${kind.toLowerCase().replace(/y$/, 'ie')}s`;
      for (const verb of ['get', 'create', 'patch']) {
        expect({ kind, verb, may: may(verb, group, resource) }).toEqual({ kind, verb, may: true });
      }
    }
    expect(may('watch', 'apps', 'deployments')).toBe(true);
  });

  test('opens no Secret and no shell, and deletes nothing', () => {
    const text = JSON.stringify(role!.rules);
    for (const word of ['secrets', 'exec', 'delete', '*', 'escalate', 'bind'])
      expect(text).not.toContain(word);
  });
});

describe('what people on call may do in a cluster', () => {
  const manifests = [
    ...parseManifests(read('deploy-access.yaml')),
    ...parseManifests(read('on-call-access.yaml')),
  ];
  const bindings = manifests.filter(
    ({ kind, subjects }) => kind.endsWith('Binding') && subjects[0].name === 'savings-on-call',
  );
  const may = (namespace: string, verb: string, group: string, resource: string) =>
    bindings
      .filter(({ metadata }) => (metadata.namespace ?? namespace) === namespace)
      .flatMap(
        ({ metadata, roleRef }) =>
          manifests.find(
            (role) =>
              role.kind === roleRef.kind &&
              role.metadata.name === roleRef.name &&
              role.metadata.namespace === metadata.namespace,
          )!.rules,
      )
      .some(
        ({ apiGroups, resources, verbs }) =>
          apiGroups.includes(group) && resources.includes(resource) && verbs.includes(verb),
      );

  test('is right by the Kubernetes schema, and each binding is of a role that is there', () => {
    expect(manifests.flatMap((manifest) => faultsOf(manifest))).toEqual([]);
    expect(bindings).toHaveLength(4);
    expect(() => may('default', 'get', '', 'pods')).not.toThrow();
  });

  test.each([
    ['kubectl get pods', 'default', 'list', '', 'pods'],
    ['kubectl logs', 'default', 'get', '', 'pods/log'],
    ['kubectl port-forward deployment/savings', 'default', 'create', '', 'pods/portforward'],
    ['kubectl apply -k of what is recorded', 'default', 'patch', '', 'configmaps'],
    ['kubectl rollout history', 'default', 'list', 'apps', 'replicasets'],
    ['kubectl rollout undo, and restart', 'default', 'patch', 'apps', 'deployments'],
    ['kubectl describe pods', 'default', 'list', '', 'events'],
    ['kubectl describe node', 'kube-node-lease', 'get', 'coordination.k8s.io', 'leases'],
    ['kubectl drain: the node', 'default', 'patch', '', 'nodes'],
    ['kubectl drain: its pods', 'kube-system', 'create', '', 'pods/eviction'],
    ['kubectl drain: whose they are', 'kube-system', 'get', 'apps', 'daemonsets'],
    ['kubectl port-forward service/grafana', 'monitoring', 'get', '', 'services'],
    ['kubectl port-forward service/grafana, its pod', 'monitoring', 'create', '', 'pods/portforward'],
    ['kubectl scale', 'default', 'patch', 'apps', 'deployments/scale'],
    ['kubectl create job --from=cronjob/retrain', 'default', 'create', 'batch', 'jobs'],
    ['kubectl logs --follow job/retrain-now', 'default', 'get', 'batch', 'jobs'],
    ['kubectl describe service', 'default', 'list', 'discovery.k8s.io', 'endpointslices'],
    ['kubectl logs of Prometheus', 'monitoring', 'get', '', 'pods/log'],
  ])('is enough for %s', (_, namespace, verb, group, resource) => {
    expect(may(namespace, verb, group, resource)).toBe(true);
  });

  test('opens no Secret and no shell, and deletes nothing', () => {
    const text = JSON.stringify(manifests.filter(({ rules }) => rules).map(({ rules }) => rules));
    for (const word of ['secrets', 'exec', 'delete', '*', 'escalate', 'impersonate'])
      expect(text).not.toContain(word);
  });
});
