import type { KubernetesObject } from '../api-client.ts';
import type { PodContainer } from './pod-container.ts';
import type { ContainerStatus } from './pod-status.ts';

/**
 * Containers of which an agent before this one has begun runs, as their pod's status has it: those ended with it. They
 * are started again where their pod wants that.
 */
export function takeOver(
  containers: readonly Pick<PodContainer, 'status' | 'kill'>[],
  { spec, status }: KubernetesObject,
  now: string,
): void {
  const before = new Map<string, ContainerStatus>(
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(
      (known: ContainerStatus) => [known.name, known],
    ),
  );
  for (const container of containers) {
    const known = before.get(container.status.name);
    const { running, terminated } = known?.state ?? {};
    const lost = running && {
      ...{ exitCode: 137, reason: 'ContainerStatusUnknown', containerID: known!.containerID! },
      ...{ startedAt: running.startedAt, finishedAt: now },
    };
    const end = terminated ?? lost ?? known?.lastState?.terminated;
    if (end === undefined) continue;
    if (spec.restartPolicy === 'Never' || (spec.restartPolicy === 'OnFailure' && end.exitCode === 0)) {
      Object.assign(container.status, known, { state: { terminated: end }, ready: false, started: false });
      container.kill();
    } else {
      container.status.restartCount = known!.restartCount + 1;
      container.status.lastState = { terminated: end };
    }
  }
}
