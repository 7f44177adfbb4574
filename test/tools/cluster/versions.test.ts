import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { stages } from '../../../tools/cluster/stages.ts';
import { ROOT } from '../../support/server-process.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const built = (name: string) => new RegExp(`^${name}=(\\S+)`, 'm').exec(read('.ci/cluster-programs'))?.[1];

test.each(['eks/cluster-dev.yaml', 'eks/cluster-prod.yaml'])(
  'what is rehearsed is the Kubernetes of %s',
  (file) => {
    expect(built('KUBERNETES')?.split('.').slice(0, 2).join('.')).toBe(parse(read(file)).metadata.version);
  },
);

test('what is rehearsed is the Prometheus of kustomize/monitoring', () => {
  const { images } = parse(read('kustomize/monitoring/kustomization.yaml'));
  const tag: string = images.find(({ name }: { name: string }) => name === 'prometheus').newTag;
  const [major, minor, patch] = tag.slice(1).split('.');
  // Its Go module's versions are 0.MAJOR MINOR.PATCH.
  expect(built('PROMETHEUS')).toBe(`0.${major}${minor!.padStart(2, '0')}.${patch}`);
});

test('what is rehearsed is the Alertmanager of its component', () => {
  const { images } = parse(read('kustomize/components/alertmanager/kustomization.yaml'));
  expect(images[0].newTag).toBe(`v${built('ALERTMANAGER')}`);
});

test('Nodes say the version that is built', () => {
  expect(stages()).toContain(`kubeletVersion: v${built('KUBERNETES')},`);
});
