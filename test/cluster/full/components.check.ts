/** Each optional part, and all at once, where a person would add it: accepted, and nothing changes the second time. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { COMPONENTS, MONITORING_COMPONENTS, OVERLAYS } from '../../kustomize/manifests.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { apply } from '../support/applied.ts';
import { definePodMonitors, kubectl, restrict } from '../support/kubectl.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';

setDefaultTimeout(CLUSTER_START_MS);

let k8s: Cluster;
beforeAll(async () => {
  k8s = await cluster();
});

async function applyTwice(folder: string): Promise<void> {
  const first = await apply(k8s, ['-k', folder], {});
  expect(first.size).toBeGreaterThan(0);
  const second = await apply(k8s, ['-k', folder], {});
  expect([...second.keys()]).toEqual([...first.keys()]);
  // kubectl repeats a budget's selector in every patch, and says 'configured'; the difference is empty all the same.
  const changed = [...second].filter(([, what]) => what !== 'unchanged').map(([object]) => object);
  expect(changed.filter((object) => !object.startsWith('poddisruptionbudget'))).toEqual([]);
  expect(await k8s.kubectl(['diff', '-k', folder])).toEqual({ status: 0, stdout: '', stderr: '' });
}

/** So many pods of a selector are there and ready: none was refused. */
async function ready(selector: string, pods: number, namespace = 'default'): Promise<void> {
  const conditions = '-o=jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}';
  await k8s.until(`${pods} ready pods of ${selector}`, async () => {
    const { stdout } = await k8s.kubectl(['get', 'pods', '-n', namespace, '-l', selector, conditions]);
    return stdout.split(' ').filter((status) => status === 'True').length >= pods;
  });
}

const PODS = '/api/v1/namespaces/default/pods';
/** Components whose pods come only when they are asked for. */
const JOBS = ['batch-scoring', 'retrain'];
const sets = [
  ...COMPONENTS.map((component) => ({ title: component, components: [component] })),
  { title: 'all at once', components: COMPONENTS },
];

describe.each(OVERLAYS)('overlays/%s', (overlay) => {
  beforeAll(async () => {
    await restrict(k8s, 'default');
    await definePodMonitors(k8s);
    // As the component's own words have it.
    const made = await k8s.run([
      'bash',
      '-c',
      `printf '%s\\n' AWS_ACCESS_KEY_ID=AKIAEXAMPLE AWS_SECRET_ACCESS_KEY=example |
      kubectl create secret generic savings-aws-keys --from-env-file=/dev/stdin`,
    ]);
    expect(made).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(() => k8s.clear());

  test.each(sets)('with $title', async ({ components }) => {
    using copy = new KustomizeCopy();
    copy.setImage(overlay, IMAGES.seeming);
    copy.addComponents(`overlays/${overlay}`, components);
    if (components.includes('tls-certificate'))
      copy.replace(
        'components/tls-certificate/service.yaml',
        /SET-THE-ARN\S+/,
        'arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012',
      );
    const folder = copy.path(`overlays/${overlay}`);
    try {
      await applyTwice(folder);
      const scaled = overlay === 'prod' || components.includes('autoscaling');
      await ready('app.kubernetes.io/name=savings', scaled ? 2 : 1);
      for (const job of components.filter((component) => JOBS.includes(component))) {
        await kubectl(k8s, ['create', 'job', `--from=cronjob/${job}`, job]);
        // Of the five of batch-scoring three find room; it is not for this test that the others wait.
        await ready(`job-name=${job}`, 1);
        await kubectl(k8s, ['delete', 'job', job]);
      }
    } finally {
      await kubectl(k8s, ['delete', '-k', folder]);
      await k8s.until('no pod is left', async () => (await k8s.api.list(PODS)).length === 0);
    }
  });
});

describe('monitoring', () => {
  test.each(MONITORING_COMPONENTS)('with %s', async (component) => {
    using copy = new KustomizeCopy();
    copy.addComponents('monitoring', [component]);
    await applyTwice(copy.path('monitoring'));
    await ready(`app.kubernetes.io/name=${component}`, 1, 'monitoring');
  });
});
