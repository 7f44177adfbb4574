import { beforeAll, describe, expect, test } from 'bun:test';
import { type Manifest, render } from '../support/kustomize.ts';
import { COMPONENTS, Manifests, renders } from './manifests.ts';

describe.skipIf(!renders)('kustomize/overlays/prod-canary', () => {
  let prod: Manifests;
  let canary: Manifest[];
  // Whatever a component adds to prod, the canary meets too.
  beforeAll(() => {
    prod = new Manifests('prod', COMPONENTS);
    canary = render(
      'kustomize/overlays/prod-canary',
      COMPONENTS.map((name) => `kustomize/components/${name}`),
      'kustomize/overlays/prod',
    ).map(({ manifest }) => manifest);
  });
  const deployment = () => canary.find(({ kind }) => kind === 'Deployment')!;

  test('is a Deployment and its settings, and leaves alone whatever else is live', () => {
    // A kind that is new in prod or a component goes into the overlay's list of what is left out. ConfigMaps are named by
    // their content, so that none of these changes one that is live.
    const kinds = canary.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'ConfigMap')).toEqual(['Deployment']);
    const data = ({ metadata, data }: Manifest) => [metadata.name, data];
    const settings = canary.filter(({ kind }) => kind === 'ConfigMap');
    expect(settings.map(data)).toEqual(prod.ofKind('ConfigMap').map(data));
  });

  test("is one pod of prod's own making: only its name and its track are others", () => {
    const text = JSON.stringify(prod.one('Deployment')).replaceAll('"track":"stable"', '"track":"canary"');
    const expected: Manifest = JSON.parse(text);
    expected.metadata.name = 'savings-canary';
    expected.metadata.labels!.track = 'canary';
    expected.spec.replicas = 1;
    expect(deployment()).toEqual(expected);
    expect(JSON.stringify(deployment())).not.toContain('stable');
  });

  test('shares the Service, the network policy and the disruption budget, and not the autoscaler', () => {
    const { labels } = deployment().spec.template.metadata;
    expect(labels).toMatchObject(prod.one('Service').spec.selector);
    const policy = prod.ofKind('NetworkPolicy').find(({ metadata }) => metadata.name === 'savings');
    expect(labels).toMatchObject(policy!.spec.podSelector.matchLabels);
    expect(labels).toMatchObject(prod.one('PodDisruptionBudget').spec.selector.matchLabels);
    expect(prod.one('HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe('savings');
    // Neither Deployment counts, owns or replaces the other's pods.
    expect(labels).not.toMatchObject(prod.one('Deployment').spec.selector.matchLabels);
    expect(prod.pod.metadata.labels).not.toMatchObject(deployment().spec.selector.matchLabels);
  });
});
