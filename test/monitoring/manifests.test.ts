import { beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Manifests, renders } from '../kustomize/manifests.ts';
import { type Manifest, render } from '../support/kustomize.ts';
import { ROOT } from '../support/server-process.ts';

const CLUSTER_WIDE = ['Namespace', 'StorageClass', 'ClusterRole', 'ClusterRoleBinding'];
const WORKLOADS = ['Deployment', 'DaemonSet', 'StatefulSet'];

describe.skipIf(!renders)('kustomize/monitoring', () => {
  let all: Manifest[];
  const ofKind = (...kinds: string[]) => all.filter(({ kind }) => kinds.includes(kind));
  const named = (kind: string, name: string) => ofKind(kind).find(({ metadata }) => metadata.name === name)!;
  const workloads = () =>
    ofKind(...WORKLOADS).map(({ metadata, spec }) => ({ ...metadata, pod: spec.template }));

  beforeAll(() => {
    all = render('kustomize/monitoring').map(({ manifest }) => manifest);
  });

  test('stands in a namespace of its own, and nowhere else', () => {
    for (const { kind, metadata } of all) {
      const expected = CLUSTER_WIDE.includes(kind) ? undefined : 'monitoring';
      expect([kind, metadata.name, metadata.namespace]).toEqual([kind, metadata.name, expected]);
    }
    expect(named('Namespace', 'monitoring')).toBeDefined();
  });

  test('pins every image to a version', () => {
    const images = workloads().flatMap(({ pod }) =>
      pod.spec.containers.map(({ image }: { image: string }) => image),
    );
    expect(images).toHaveLength(4);
    for (const image of images) expect(image).toMatch(/^[a-z0-9.]+\/.+:v?\d+\.\d+\.\d+$/);
  });

  test('opens nothing to the outside and holds no secret or password', () => {
    for (const { spec } of ofKind('Service')) expect(spec.type).toBe('ClusterIP');
    expect(ofKind('Secret', 'Ingress')).toEqual([]);
    const text = JSON.stringify(all.filter(({ kind }) => kind !== 'ConfigMap'));
    expect(text).not.toMatch(/password|secretKeyRef/i);
    const denies = named('NetworkPolicy', 'deny-ingress').spec;
    expect(denies).toEqual({ podSelector: {}, policyTypes: ['Ingress'] });
  });

  test('lets whoever looks at Grafana change nothing', () => {
    const [container] = named('Deployment', 'grafana').spec.template.spec.containers;
    const environment = Object.fromEntries(
      container.env.map(({ name, value }: Record<string, string>) => [name, value]),
    );
    expect(environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_AUTH_DISABLE_LOGIN_FORM: 'true',
      GF_AUTH_BASIC_ENABLED: 'false',
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
    });
  });

  test('tells Prometheus where the runbook is, by one setting', () => {
    const [container] = named('StatefulSet', 'prometheus').spec.template.spec.containers;
    const [{ configMapRef }] = container.envFrom;
    expect(configMapRef.name).toMatch(/^runbook-/);
    expect(named('ConfigMap', configMapRef.name).data).toEqual({ RUNBOOK_BASE: expect.any(String) });
    const config = ofKind('ConfigMap').find(({ data }) => data['prometheus.yml'])!.data['prometheus.yml'];
    expect(config).toMatch(/runbook_base: \$\{RUNBOOK_BASE\}$/m);
  });

  test('may read what it measures and nothing more', () => {
    const rules = ofKind('ClusterRole').flatMap((role) => role.rules);
    for (const { verbs, resources, apiGroups } of rules) {
      for (const verb of verbs) expect(['get', 'list', 'watch']).toContain(verb);
      for (const resource of resources) {
        expect(['nodes', 'nodes/metrics', 'pods', 'deployments', 'horizontalpodautoscalers']).toContain(
          resource,
        );
      }
      expect(apiGroups).not.toContain('*');
    }
    // Every binding is to an account that a pod here runs as.
    const accounts = workloads().map(({ pod }) => pod.spec.serviceAccountName);
    for (const { subjects } of ofKind('ClusterRoleBinding')) {
      expect(subjects).toEqual([
        { kind: 'ServiceAccount', name: expect.any(String), namespace: 'monitoring' },
      ]);
      expect(accounts).toContain(subjects[0].name);
    }
  });

  test('lets kube-state-metrics watch exactly what it is told to', () => {
    const [container] = named('Deployment', 'kube-state-metrics').spec.template.spec.containers;
    const told = /^--resources=(.+)$/.exec(container.args[0])![1].split(',');
    const may = named('ClusterRole', 'savings-kube-state-metrics').rules.flatMap(
      ({ resources }: { resources: string[] }) => resources,
    );
    expect(may.sort()).toEqual(told.sort());
  });

  test('runs everything as nobody on a read-only root, without a token unless it asks the cluster', () => {
    for (const { name, pod } of workloads()) {
      expect([name, pod.spec.securityContext.runAsNonRoot]).toEqual([name, true]);
      for (const { securityContext, resources } of pod.spec.containers) {
        expect(securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources.requests.memory && resources.limits.memory).toBeTruthy();
      }
      const asks = ['prometheus', 'kube-state-metrics'].includes(name);
      expect([name, pod.spec.automountServiceAccountToken]).toEqual([name, asks]);
    }
  });

  test('gives each pod the configuration that stands here, by the hash of its content', () => {
    const made = new Set(ofKind('ConfigMap').map(({ metadata }) => metadata.name));
    const read = workloads().flatMap(({ pod }) => [
      // biome-ignore lint/suspicious/noExplicitAny: containers of several kinds
      ...pod.spec.containers.flatMap(({ envFrom }: any) => envFrom?.[0].configMapRef.name ?? []),
      // biome-ignore lint/suspicious/noExplicitAny: volumes of several kinds
      ...(pod.spec.volumes ?? []).flatMap((volume: any) => [
        ...(volume.configMap ? [volume.configMap.name] : []),
        // biome-ignore lint/suspicious/noExplicitAny: sources of several kinds
        ...(volume.projected?.sources ?? []).map((source: any) => source.configMap.name),
      ]),
    ]);
    expect(read.sort()).toEqual([...made].sort());
    for (const name of made) expect(name).toMatch(/-[a-z0-9]{10}$/);
  });

  test('has a disk with room for more than Prometheus may keep', () => {
    const { storage } = Bun.YAML.parse(
      readFileSync(join(ROOT, 'kustomize/monitoring/prometheus/prometheus.yml'), 'utf8'),
    ) as { storage: { tsdb: { retention: { size: string } } } };
    const [claim] = named('StatefulSet', 'prometheus').spec.volumeClaimTemplates;
    const gigabytes = Number(/^(\d+)GB$/.exec(storage.tsdb.retention.size)![1]);
    const gibibytes = Number(/^(\d+)Gi$/.exec(claim.spec.resources.requests.storage)![1]);
    expect(gigabytes * 1024 ** 3).toBeLessThan(0.85 * gibibytes * 1024 ** 3);
    expect(named('StorageClass', claim.spec.storageClassName)).toBeDefined();
  });

  test('finds its own pods by the labels and ports that they have', () => {
    const config = readFileSync(join(ROOT, 'kustomize/monitoring/prometheus/prometheus.yml'), 'utf8');
    for (const name of ['kube-state-metrics', 'node-exporter']) {
      expect(config).toContain(`regex: monitoring;${name};metrics`);
      const { pod } = workloads().find((workload) => workload.name === name)!;
      expect(pod.metadata.labels['app.kubernetes.io/name']).toBe(name);
      expect(pod.spec.containers[0].ports.map((port: { name: string }) => port.name)).toContain('metrics');
    }
  });

  test('finds the application’s, by the name and port that its overlays give it', () => {
    const config = readFileSync(join(ROOT, 'kustomize/monitoring/prometheus/prometheus.yml'), 'utf8');
    const { pod, ports, container } = new Manifests('prod');
    const name = pod.metadata.labels['app.kubernetes.io/name'];
    expect(config).toContain(`regex: ${name};metrics`);
    expect(Object.keys(ports)).toContain('metrics');
    expect(Object.keys(pod.metadata.labels)).toContain('track');
    // The rule about restarts names the container, and the dashboards its pods by the Deployment's name.
    expect(container.name).toBe('savings');
    expect(new Manifests('prod').one('Deployment').metadata.name).toBe('savings');
  });

  test('lets in by policy whoever has a reason, at ports that exist', () => {
    for (const { spec } of ofKind('NetworkPolicy').filter((policy) => policy.spec.ingress)) {
      const app = spec.podSelector.matchLabels['app.kubernetes.io/name'];
      const { pod } = workloads().find((workload) => workload.name === app)!;
      const ports = pod.spec.containers[0].ports.map((port: { name: string }) => port.name);
      for (const { from, ports: open } of spec.ingress) {
        expect(ports).toContain(open[0].port);
        const [{ podSelector }] = from;
        expect(workloads().map(({ name }) => name)).toContain(
          podSelector.matchLabels['app.kubernetes.io/name'],
        );
      }
    }
  });
});
