import { describe, expect, test } from 'bun:test';
import {
  type ContainerState,
  type ContainerStatus,
  conditionsOf,
  type PodState,
  phaseOf,
  withTimes,
} from '../../../../tools/cluster/agent/pod-status.ts';

const AT = '2026-01-01T00:00:00Z';
const ended = (exitCode: number) => ({
  ...{ exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' },
  ...{ startedAt: AT, finishedAt: AT, containerID: 'agent://1' },
});
const container = (state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  ...{
    name: 'main',
    image: 'i',
    imageID: '',
    state,
    lastState: {},
    restartCount: 0,
    ready: false,
    started: false,
  },
  ...more,
});
const creating = container({ waiting: { reason: 'ContainerCreating' } });
const running = container({ running: { startedAt: AT } }, { ready: true, started: true });
const succeeded = container({ terminated: ended(0) });
const failed = container({ terminated: ended(1) });
const waiting = container(
  { waiting: { reason: 'CrashLoopBackOff' } },
  { lastState: { terminated: ended(1) } },
);

const pod = (
  restartPolicy: string,
  containers: ContainerStatus[],
  more: Partial<PodState> = {},
): PodState => ({
  pod: { metadata: { name: 'p' }, spec: { restartPolicy } },
  ...{ hasNetwork: true, isInitialized: true, init: [], containers, hasEnded: false },
  ...more,
});

describe('the phase', () => {
  test.each([
    ['Always', [creating], 'Pending'],
    ['Always', [running, creating], 'Running'],
    ['Always', [waiting], 'Running'],
    ['Always', [succeeded], 'Running'],
    ['Never', [succeeded], 'Succeeded'],
    ['Never', [succeeded, failed], 'Failed'],
    ['Never', [failed, running], 'Running'],
    ['OnFailure', [failed], 'Running'],
    ['OnFailure', [succeeded], 'Succeeded'],
  ] as const)('under %s', (policy, containers, phase) => {
    expect(phaseOf(pod(policy, [...containers]))).toBe(phase);
  });

  test('of a pod that is deleted is final before it goes', () => {
    const hasEnded = true;
    expect(phaseOf(pod('Always', [succeeded], { hasEnded }))).toBe('Succeeded');
    expect(phaseOf(pod('Always', [failed], { hasEnded }))).toBe('Failed');
    expect(phaseOf(pod('Always', [creating], { hasEnded }))).toBe('Failed');
  });

  test('waits for init containers, and fails with one where none is run again', () => {
    const isInitialized = false;
    expect(phaseOf(pod('Always', [creating], { isInitialized, init: [running] }))).toBe('Pending');
    expect(phaseOf(pod('OnFailure', [creating], { isInitialized, init: [failed] }))).toBe('Pending');
    expect(phaseOf(pod('Never', [creating], { isInitialized, init: [failed] }))).toBe('Failed');
  });
});

describe('the conditions', () => {
  const said = (state: PodState) =>
    Object.fromEntries(
      conditionsOf(state, phaseOf(state)).map(({ type, status, reason }) => [
        type,
        reason ? `${status} ${reason}` : status,
      ]),
    );

  test('of a pod whose containers are all ready', () => {
    expect(said(pod('Always', [running]))).toEqual({
      ...{ PodReadyToStartContainers: 'True', Initialized: 'True', ContainersReady: 'True', Ready: 'True' },
    });
  });

  test('name who is not ready', () => {
    const state = pod('Always', [running, { ...creating, name: 'second' }]);
    expect(conditionsOf(state, 'Running')[3]).toEqual({
      ...{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
      message: 'containers with unready status: [second]',
    });
  });

  test('of a pod that has ended', () => {
    expect(said(pod('Never', [succeeded], { hasNetwork: false }))).toEqual({
      ...{ PodReadyToStartContainers: 'False', Initialized: 'True PodCompleted' },
      ...{ ContainersReady: 'False PodCompleted', Ready: 'False PodCompleted' },
    });
    expect(said(pod('Never', [failed]))).toMatchObject({ Ready: 'False PodFailed' });
  });

  test('wait for readiness gates', () => {
    const state = pod('Always', [running]);
    state.pod.spec.readinessGates = [{ conditionType: 'balancer/ready' }];
    expect(said(state)).toMatchObject({ ContainersReady: 'True', Ready: 'False ReadinessGatesNotReady' });
    state.pod.status = { conditions: [{ type: 'balancer/ready', status: 'True' }] };
    expect(said(state)).toMatchObject({ Ready: 'True' });
  });

  test('keep the time since when they have been so', () => {
    const before = [
      { type: 'Ready', status: 'True', lastTransitionTime: AT },
      { type: 'Initialized', status: 'False', lastTransitionTime: AT },
    ] as const;
    const now = [
      { type: 'Ready', status: 'True' },
      { type: 'Initialized', status: 'True' },
    ] as const;
    const later = '2026-01-02T00:00:00Z';
    expect(withTimes([...now], before, later).map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      AT,
      later,
    ]);
  });
});
