import { afterAll, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultsInFiles, faultsInRoot, rootsOf } from '../../tools/check-kustomize.ts';
import { faultsOf } from '../../tools/kubernetes-schema.ts';
import { COMPONENTS, MONITORING_COMPONENTS, OVERLAYS, renders } from './manifests.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder with these files. */
function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'savings-check-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const SERVICE = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } };
const HEADER = 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n';

describe('faultsOf', () => {
  test('finds nothing wrong with a right object', () => {
    expect(faultsOf({ ...SERVICE, spec: { ports: [{ port: 80, targetPort: 'http' }] } })).toEqual([]);
  });

  test('names an unknown field, however deep', () => {
    expect(faultsOf({ ...SERVICE, spec: { ports: [{ port: 80, targetport: 'http' }] } })).toEqual([
      'spec.ports[0].targetport is not a field',
    ]);
  });

  test('names a missing field and one of the wrong type', () => {
    expect(faultsOf({ ...SERVICE, spec: { type: 1, ports: [{}] } })).toEqual([
      'spec.ports[0].port is missing',
      'spec.type must be string',
    ]);
  });

  test('asks nothing of a patch but that its fields are real', () => {
    expect(faultsOf({ ...SERVICE, spec: { ports: [{ $patch: 'delete' }] } }, 'patch')).toEqual([]);
    expect(faultsOf({ ...SERVICE, spec: { porst: [] } }, 'patch')).toEqual(['spec.porst is not a field']);
  });

  test('reads quantities as the API server does', () => {
    const claim = (storage: unknown) =>
      faultsOf({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'a' },
        spec: { resources: { requests: { storage } } },
      });
    expect([claim('10Gi'), claim('0.5'), claim(1), claim('1e3')]).toEqual([[], [], [], []]);
    expect(claim('10GiB')[0]).toStartWith('spec.resources.requests.storage must match');
  });

  test('knows a Secret for something that has no place here', () => {
    expect(faultsOf({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } })[0]).toContain('no schema');
  });

  test('refuses what is no object of Kubernetes', () => {
    expect([faultsOf(null), faultsOf({}), faultsOf({ apiVersion: 'v1' })]).toEqual([
      ['is not an object'],
      ['apiVersion is missing'],
      ['kind is missing'],
    ]);
  });
});

describe('check:kustomize', () => {
  test('looks at every overlay, every component and monitoring', () => {
    const roots = rootsOf();
    expect(roots.filter(({ path }) => path.startsWith('kustomize/overlays/')).length).toBe(
      OVERLAYS.length + 1 + COMPONENTS.length, // one is the canary's
    );
    expect(roots.flatMap(({ components }) => components).length).toBe(
      COMPONENTS.length + MONITORING_COMPONENTS.length,
    );
    const own = readdirSync(join(import.meta.dir, '../../kustomize'));
    expect(roots.some(({ path }) => path === 'kustomize/monitoring')).toBe(own.includes('monitoring'));
  });

  test('names the file and the field that is wrong', () => {
    const folder = folderWith({ 'service.yaml': `${HEADER}spec: {typ: LoadBalancer}\n` });
    expect(faultsInFiles(folder)).toEqual([
      expect.stringMatching(/service\.yaml: Service a: spec\.typ is not a field$/),
    ]);
  });

  test('names a file with a key that stands twice', () => {
    const folder = folderWith({ 'service.yaml': `${HEADER}spec:\n  type: a\n  type: b\n` });
    expect(faultsInFiles(folder)).toEqual([expect.stringMatching(/service\.yaml: Map keys must be unique/)]);
  });

  test('leaves alone what is not for Kubernetes', () => {
    expect(faultsInFiles(folderWith({ 'prometheus.yml': 'global: {scrape_interval: 15s}\n' }))).toEqual([]);
  });
});

describe.skipIf(!renders)('check:kustomize, rendered', () => {
  const kustomization = (rest: string) =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${rest}`;

  test.each(rootsOf())('finds nothing wrong with $path $components', (root) => {
    expect(faultsInRoot(root)).toEqual([]);
  });

  test('names the file of an object that a patch made wrong', () => {
    const path = folderWith({
      'base/service.yaml': `${HEADER}spec: {ports: [{port: 80}]}\n`,
      'base/kustomization.yaml': kustomization('resources: [service.yaml]\n'),
      'kustomization.yaml': kustomization(
        'resources: [base]\npatches:\n- patch: \'[{"op": "remove", "path": "/spec/ports/0/port"}]\'\n  target: {kind: Service}\n',
      ),
    });
    expect(faultsInRoot({ path, components: [] })).toEqual([
      expect.stringMatching(/base\/service\.yaml \(in .*\): Service a: spec\.ports\[0\]\.port is missing$/),
    ]);
  });

  test('fails when nothing is rendered', () => {
    const path = folderWith({ 'kustomization.yaml': kustomization('namespace: default\n') });
    expect(faultsInRoot({ path, components: [] })).toEqual([expect.stringContaining('renders to nothing')]);
  });

  test('says what kustomize says', () => {
    const path = folderWith({ 'kustomization.yaml': kustomization('resourcs: []\n') });
    expect(faultsInRoot({ path, components: [] })).toEqual([expect.stringContaining('resourcs')]);
  });
});
