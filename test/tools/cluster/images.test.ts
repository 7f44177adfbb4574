import { expect, test } from 'bun:test';
import { IMAGES, isRun } from '../../../tools/cluster/images.ts';
import { stages } from '../../../tools/cluster/stages.ts';

test('an image is run, or only seems to: by the last part of its name, and for savings by its digest', () => {
  expect(
    Object.entries(IMAGES)
      .filter(([, image]) => isRun(image))
      .map(([name]) => name),
  ).toEqual(['good', 'better']);
  expect(isRun('docker.io/prom/prometheus:v3.14.0')).toBe(true);
  expect(isRun('savings')).toBe(true);
  expect(isRun('docker.io/grafana/grafana:13.1.3')).toBe(false);
  expect(isRun('registry.invalid/not-savings:1')).toBe(false);
});

test('every stage is one of kwok, and every image that fails has one', () => {
  const documents = stages()
    .split('\n---\n')
    .map((text) => JSON.parse(text));
  for (const { kind, spec } of documents) {
    expect(kind).toBe('Stage');
    expect(spec.selector.matchExpressions.length).toBeGreaterThan(0);
  }
  for (const image of [IMAGES.neverPulled, IMAGES.neverReady, IMAGES.crashing, IMAGES.slow]) {
    const own = documents.filter(({ spec }) =>
      spec.selector.matchExpressions.some(
        ({ operator, values }: { operator: string; values?: string[] }) =>
          operator === 'In' && values?.includes(image),
      ),
    );
    expect(own).toHaveLength(1);
  }
});
