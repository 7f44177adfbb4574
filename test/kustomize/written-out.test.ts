import { describe, expect, test } from 'bun:test';
import { type Manifest, render } from '../support/kustomize.ts';
import { COMPONENTS, MONITORING_COMPONENTS, OVERLAYS, renders } from './manifests.ts';

/**
 * Whatever an API server fills in by itself where lists are compared as a whole: a manifest that leaves it out differs
 * from what the server keeps for ever, and each apply says 'configured'.
 */
function leftOut({ kind, metadata, spec }: Manifest): string[] {
  const faults: string[] = [];
  const wants = (where: string, object: Record<string, unknown>, keys: readonly string[]) => {
    for (const key of keys)
      if (!(key in object)) faults.push(`${kind} ${metadata.name}: ${where} names no ${key}`);
  };
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      const at = `${path}.${key}`;
      if (key === 'fieldRef') wants(at, child, ['apiVersion']);
      if (key === 'ports') for (const port of child) wants(at, port, ['protocol']);
      if (key === 'onPodConditions') for (const condition of child) wants(at, condition, ['status']);
      if (key === 'volumeClaimTemplates') {
        for (const claim of child) {
          wants(at, claim, ['apiVersion', 'kind', 'status']);
          wants(`${at}.spec`, claim.spec, ['volumeMode']);
        }
      }
      walk(child, at);
    }
  };
  walk(spec, 'spec');
  return faults;
}

const roots: [string, string[]][] = [
  ['kustomize/monitoring', MONITORING_COMPONENTS.map((component) => `kustomize/components/${component}`)],
  ...OVERLAYS.map((overlay): [string, string[]] => [
    `kustomize/overlays/${overlay}`,
    COMPONENTS.map((component) => `kustomize/components/${component}`),
  ]),
];

describe.skipIf(!renders)('what an API server fills in is written out', () => {
  test.each(roots)('in %s, with every component', (root, components) => {
    const manifests = render(root, components).map(({ manifest }) => manifest);
    expect(manifests.flatMap(leftOut)).toEqual([]);
  });

  test('a port without its protocol is seen', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a' },
      spec: { ports: [{ port: 80 }] },
    };
    expect(leftOut(service)).toEqual(['Service a: spec.ports names no protocol']);
  });
});
