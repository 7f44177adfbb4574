/** prod's autoscaler, told by metrics-server's stand-in what pods use: these only seem to run. */
import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { apply } from '../support/applied.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';

setDefaultTimeout(CLUSTER_START_MS);

describe('overlays/prod', () => {
  let k8s: Cluster;
  beforeAll(async () => {
    k8s = await cluster();
    using copy = new KustomizeCopy();
    copy.setImage('prod', IMAGES.seeming);
    // Five minutes of little traffic, and then a pod a minute, are too long to wait for: here it is two seconds each.
    const autoscaler = 'components/autoscaling/horizontal-pod-autoscaler.yaml';
    copy.replace(autoscaler, 'stabilizationWindowSeconds: 300', 'stabilizationWindowSeconds: 2');
    copy.replace(autoscaler, 'periodSeconds: 60', 'periodSeconds: 2');
    await apply(k8s, ['-k', copy.path('overlays/prod')], {});
  });

  const replicas = async () =>
    (await k8s.api.get('/apis/apps/v1/namespaces/default/deployments/savings')).spec.replicas;

  /** @returns the numbers of pods on the way */
  async function reaches(wanted: number): Promise<number[]> {
    const seen: number[] = [];
    await k8s.until(`${wanted} pods`, async () => {
      const now = await replicas();
      if (now !== seen.at(-1)) seen.push(now);
      return now === wanted;
    });
    return seen;
  }

  test('has two pods, up to six while they are busy, and gives one back at a time', async () => {
    k8s.pretendUsage(() => ({ cpuMillicores: 10 }));
    await reaches(2);
    // All of what they ask for, where 70 % is aimed at.
    k8s.pretendUsage(() => ({ cpuMillicores: 250 }));
    const up = await reaches(6);
    expect(up).toEqual(up.toSorted((a, b) => a - b));
    // As many as there may be, however busy.
    k8s.pretendUsage(() => ({ cpuMillicores: 1_000 }));
    await k8s.until('it says that it would make more', async () => {
      const { status } = await k8s.api.get(
        '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/savings',
      );
      return status.conditions.some(
        ({ type, reason }: { type: string; reason: string }) =>
          type === 'ScalingLimited' && reason === 'TooManyReplicas',
      );
    });
    expect(await replicas()).toBe(6);
    k8s.pretendUsage(() => ({ cpuMillicores: 10 }));
    expect(await reaches(2)).toEqual([6, 5, 4, 3, 2]);
  });
});
