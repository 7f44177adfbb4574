/** What can go wrong with a deployment: each time what was deployed well goes on serving, and the reason is said. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster as theCluster } from '../../support/cluster.ts';
import { Live, type State } from '../support/live.ts';
import { LiveRepository } from '../support/live-repository.ts';

setDefaultTimeout(2 * CLUSTER_START_MS);

const DEPLOYMENT = 'kustomize/base/deployment.yaml';
const AUTOSCALER = 'kustomize/components/autoscaling/horizontal-pod-autoscaler.yaml';

interface Fault {
  what: string;
  image?: string;
  /** What the commit changes. */
  file?: string;
  change?: [RegExp, string];
  says: RegExp[];
}

const FAULTS: Fault[] = [
  {
    what: 'an image that cannot be pulled',
    image: IMAGES.neverPulled,
    says: [/exceeded its progress deadline/, /ImagePullBackOff/],
  },
  {
    what: 'an image that never becomes ready',
    image: IMAGES.neverReady,
    says: [/exceeded its progress deadline/, / 0\/1 /],
  },
  {
    what: 'an image that crashes',
    image: IMAGES.crashing,
    says: [/exceeded its progress deadline/, /CrashLoopBackOff/],
  },
  {
    what: 'pods that no node has room for',
    file: DEPLOYMENT,
    change: [/memory: (128|256)Mi/g, 'memory: 64Gi'],
    says: [/exceeded its progress deadline/, /Pending/, /FailedScheduling .*Insufficient memory/],
  },
  {
    what: 'pods that Pod Security forbids',
    file: DEPLOYMENT,
    change: [/runAsNonRoot: true/g, 'runAsNonRoot: false'],
    says: [
      /exceeded its progress deadline/,
      /FailedCreate .*violates PodSecurity "restricted:latest": runAsNonRoot/,
    ],
  },
  {
    what: 'an object that the API server refuses, after it took the others',
    file: AUTOSCALER,
    change: [/maxReplicas: \d+/g, 'maxReplicas: 1'],
    says: [/HorizontalPodAutoscaler "savings" is invalid: spec.maxReplicas/],
  },
];

describe('deploy.sh on a cluster where prod serves', () => {
  let cluster: Cluster;
  let repository: LiveRepository;
  let live: Live;
  let before: State;
  beforeAll(async () => {
    cluster = await theCluster();
    repository = await LiveRepository.of(cluster);
    live = new Live(cluster);
    await live.prepare(repository);
    expect(await repository.deploy(IMAGES.good)).toMatchObject({ code: 0 });
    await live.ready();
    before = await live.state();
    await live.visit();
  });
  afterAll(async () => {
    await live?.leave();
    repository?.close();
  });

  test.each(FAULTS)('goes back from $what, and says so', async ({ image, file, change, says }) => {
    if (file !== undefined) repository.edit(file, (text) => text.replaceAll(...change!));
    repository.push('Break it');
    // One that serves, were it not broken by what the commit changes.
    const { code, output } = await repository.deploy(image ?? IMAGES.better);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('\nBack at ') });
    for (const reason of says) expect(output).toMatch(reason);
    await live.expectBackAt(before);
    expect(repository.history).toHaveLength(1);
    if (file !== undefined) repository.revert();
  });

  test('that was killed while it waited goes back when it is run again', async () => {
    repository.push('Killed');
    const killed = repository.start('deploy.sh', IMAGES.neverReady);
    await cluster.until('its pods should be there', async () =>
      (await live.images()).includes(IMAGES.neverReady),
    );
    killed.kill();
    expect((await killed.ended).code).not.toBe(0);
    expect(await repository.deploy(IMAGES.neverReady)).toMatchObject({ code: 1 });
    await live.expectBackAt(before);
  });

  test('that was killed on its way back is put right by the next', async () => {
    const killed = repository.start('deploy.sh', IMAGES.crashing);
    await killed.said('going back to');
    killed.kill();
    expect((await killed.ended).code).not.toBe(0);
    repository.push('Put right');
    expect(await repository.deploy(IMAGES.better)).toMatchObject({ code: 0 });
    await live.ready();
    expect(await live.images()).toEqual([IMAGES.better]);
    expect(repository.history).toHaveLength(2);
  });

  // The workflow runs one at a time; people may not.
  test('at the same time as another fails, when it is the other that is live', async () => {
    repository.push('Two at once');
    const first = repository.start('deploy.sh', IMAGES.neverReady);
    await cluster.until('the first should wait', async () =>
      (await live.images()).includes(IMAGES.neverReady),
    );
    const second = await repository.deploy(IMAGES.good);
    expect(second).toMatchObject({ code: 0 });
    const { code, output } = await first.ended;
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('somebody else deployed') });
    await live.ready();
    expect(await live.images()).toEqual([IMAGES.good]);
    expect(repository.recorded).toContain(`Deployed-Image: ${IMAGES.good}`);
  });

  test('lost no request in all of it', async () => {
    const { answered, failures } = await live.leave();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });
});
