/** What is applied by hand or by the workflow is taken whole, without a warning, and a second time changes nothing. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster as theCluster } from '../../support/cluster.ts';
import { apply, objectsOf } from '../support/applied.ts';
import { everything } from '../support/everything.ts';
import { kubectlLines } from '../support/kubectl-lines.ts';
import { LiveRepository } from '../support/live-repository.ts';

setDefaultTimeout(CLUSTER_START_MS);

const DEV = 'kustomize/overlays/dev';

/** kubectl repeats its selector in every patch and says 'configured', while nothing changes. */
const ALWAYS_CONFIGURED = 'poddisruptionbudget.policy/savings';

/** The line of eks/README.md that takes something away. */
function teardown(line: string): string[] {
  const lines = kubectlLines('## Back to nothing').filter((documented) => documented === line);
  expect(lines).toHaveLength(1);
  return lines;
}

describe('applied twice', () => {
  let cluster: Cluster;
  let repository: LiveRepository;
  let empty: string[];
  beforeAll(async () => {
    cluster = await theCluster();
    repository = await LiveRepository.of(cluster);
    empty = await everything(cluster);
    const done = await repository.asDocumented([
      ...kubectlLines('## 2. A cluster').filter((line) => line.startsWith('kubectl label')),
      `(cd kustomize/overlays/dev && kustomize edit set image savings=${IMAGES.slow})`,
      `(cd kustomize/overlays/prod && kustomize edit set image savings=${IMAGES.seeming})`,
    ]);
    expect(done).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(() => repository?.close());

  // dev and prod are clusters of their own; here one comes after the other.
  describe.each([
    [DEV, 1],
    ['kustomize/overlays/prod', 2],
    ['kustomize/monitoring', undefined],
    ['kustomize/logs', undefined],
  ])('%s', (root, replicas) => {
    const here = () => ({ cwd: repository.checkout });
    const get = () => objectsOf(cluster, root, here());
    let made: Awaited<ReturnType<typeof get>>;
    /** Shows those that are not what they were, and no others. */
    const expectUnchanged = async () => {
      const now = await get();
      const differ = made.map((object, index) => !Bun.deepEquals(object, now[index]));
      expect(now.filter((_, index) => differ[index])).toEqual(made.filter((_, index) => differ[index]));
      expect(now).toHaveLength(made.length);
    };

    test('is taken, and its pods pass Pod Security', async () => {
      const said = await apply(cluster, ['-k', root], here());
      expect(new Set(said.values())).toEqual(new Set(['created']));
      if (root === DEV) {
        // Its image takes its time.
        const lines = kubectlLines('## 6. The address');
        expect(await repository.asDocumented(lines)).toMatchObject({ status: 0, stderr: '' });
      }
      if (replicas !== undefined)
        await cluster.until(`${root} should have its pods ready`, async () => {
          const { spec, status } = await cluster.api.get(
            '/apis/apps/v1/namespaces/default/deployments/savings',
          );
          return spec.replicas === replicas && status.readyReplicas === replicas;
        });
      made = await get();
      expect(made).toHaveLength(said.size);
    });

    test('changes nothing the second time, client-side and server-side, and diff agrees', async () => {
      const again = await apply(cluster, ['-k', root], here());
      expect([...again].filter(([, what]) => what !== 'unchanged')).toEqual(
        again.has(ALWAYS_CONFIGURED) ? [[ALWAYS_CONFIGURED, 'configured']] : [],
      );
      await expectUnchanged();
      expect(await cluster.kubectl(['diff', '-k', root], here())).toEqual({
        status: 0,
        stdout: '',
        stderr: '',
      });

      const byServer = await apply(cluster, ['--server-side', '-k', root], here());
      expect([...byServer.keys()].toSorted()).toEqual([...again.keys()].toSorted());
      await expectUnchanged();
      const diff = await cluster.kubectl(['diff', '--server-side', '-k', root], here());
      expect(diff).toEqual({ status: 0, stdout: '', stderr: '' });
    });

    if (replicas !== undefined)
      test('goes away again', async () => {
        const lines = teardown('kubectl delete -k kustomize/overlays/$ENVIRONMENT');
        const ENVIRONMENT = root.split('/').pop()!;
        expect(await repository.asDocumented(lines, { ENVIRONMENT })).toMatchObject({
          status: 0,
          stderr: '',
        });
      });
  });

  test('in monitoring, nothing but what looks at its node needs more than restricted', async () => {
    const { stderr } = await cluster.kubectl([
      ...['label', 'namespace', 'monitoring', 'pod-security.kubernetes.io/enforce=restricted'],
      ...['--overwrite', '--dry-run=server'],
    ]);
    const named = [...stderr.matchAll(/^Warning: (\S+?)-[a-z0-9]{5}\b/gm)].map(([, pod]) => pod);
    expect([...new Set(named)].toSorted()).toEqual(['fluent-bit', 'node-exporter']);
  });

  test('after the teardown there is what there was before', async () => {
    const ended = await repository.asDocumented(teardown('kubectl delete -k kustomize/monitoring'));
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    await cluster.until(
      'all should be gone',
      async () => Bun.deepEquals(await everything(cluster), empty),
      90,
    );
  });
});
