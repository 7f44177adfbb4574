import type { KubernetesObject } from '../api-client.ts';

export interface Terminated {
  exitCode: number;
  reason: string;
  message?: string;
  startedAt: string;
  finishedAt: string;
  containerID: string;
}

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: Terminated;
}

/** One of a pod's containerStatuses. */
export interface ContainerStatus {
  name: string;
  image: string;
  imageID: string;
  containerID?: string;
  state: ContainerState;
  lastState: { terminated?: Terminated };
  restartCount: number;
  ready: boolean;
  started: boolean;
}

export interface Condition {
  type: string;
  status: 'True' | 'False';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/** What is known of a pod that its status is made of. */
export interface PodState {
  pod: KubernetesObject;
  hasNetwork: boolean;
  isInitialized: boolean;
  init: ContainerStatus[];
  containers: ContainerStatus[];
  /** It is being deleted, and nothing of it runs any more. */
  hasEnded: boolean;
}

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** As a kubelet has it, also in that a pod that is deleted fails or succeeds before it goes. */
export function phaseOf({ pod, isInitialized, init, containers, hasEnded }: PodState): Phase {
  const policy = pod.spec.restartPolicy ?? 'Always';
  const failed = ({ state }: ContainerStatus) =>
    state.terminated !== undefined && state.terminated.exitCode !== 0;
  if (!isInitialized) return hasEnded || (policy === 'Never' && init.some(failed)) ? 'Failed' : 'Pending';
  const ended = containers.every(({ state }) => state.terminated);
  const staysEnded = policy === 'Never' || (policy === 'OnFailure' && !containers.some(failed));
  if (ended && (hasEnded || staysEnded)) return containers.some(failed) ? 'Failed' : 'Succeeded';
  if (hasEnded) return 'Failed';
  const hasRun = ({ state, lastState }: ContainerStatus) =>
    (state.running ?? state.terminated ?? lastState.terminated) !== undefined;
  return containers.some(hasRun) ? 'Running' : 'Pending';
}

/** Those that are a kubelet's to say. */
export function conditionsOf(state: PodState, phase: Phase): Condition[] {
  const unready = state.containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const reason =
    phase === 'Succeeded'
      ? 'PodCompleted'
      : phase === 'Failed'
        ? 'PodFailed'
        : unready.length > 0 && 'ContainersNotReady';
  const message = `containers with unready status: [${unready.join(' ')}]`;
  const because = reason ? { reason, ...(reason === 'ContainersNotReady' && { message }) } : {};
  const gates: string[] = (state.pod.spec.readinessGates ?? [])
    .map(({ conditionType }: { conditionType: string }) => conditionType)
    .filter((type: string) => {
      const found = state.pod.status?.conditions?.find((condition: Condition) => condition.type === type);
      return found?.status !== 'True';
    });
  const is = (type: string, holds: boolean, rest: object = {}): Condition => ({
    type,
    status: holds ? 'True' : 'False',
    ...rest,
  });
  const isGated = !reason && gates.length > 0;
  return [
    is('PodReadyToStartContainers', state.hasNetwork),
    is(
      'Initialized',
      state.isInitialized,
      state.isInitialized
        ? phase === 'Succeeded'
          ? { reason: 'PodCompleted' }
          : {}
        : { reason: 'ContainersNotInitialized' },
    ),
    is('ContainersReady', !reason, because),
    is(
      'Ready',
      !reason && !isGated,
      isGated ? { reason: 'ReadinessGatesNotReady', message: gates.join(' ') } : because,
    ),
  ];
}

/** Each with the time since when it has been so. */
export function withTimes(conditions: Condition[], before: readonly Condition[], now: string): Condition[] {
  return conditions.map((condition) => {
    const last = before.find(({ type }) => type === condition.type);
    const since = last?.status === condition.status ? last.lastTransitionTime : undefined;
    return { ...condition, lastTransitionTime: since ?? now };
  });
}
