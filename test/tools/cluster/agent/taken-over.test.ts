import { expect, test } from 'bun:test';
import type { ContainerState } from '../../../../tools/cluster/agent/pod-status.ts';
import { takeOver } from '../../../../tools/cluster/agent/taken-over.ts';

const AT = '2026-01-01T00:00:00Z';
const NOW = '2026-01-02T00:00:00Z';

/** What becomes of a container that was so, in a pod with this restartPolicy. */
function after(restartPolicy: string, state: ContainerState) {
  const known = {
    ...{ name: 'main', image: 'i', imageID: 'i', containerID: 'agent://1', state, lastState: {} },
  };
  const counted = { restartCount: 2, ready: true, started: true };
  const fresh = {
    state: { waiting: { reason: 'ContainerCreating' } },
    restartCount: 0,
    ready: false,
    started: false,
  };
  const status = { ...known, ...fresh };
  let isOver = false;
  const kill = () => {
    isOver = true;
  };
  const pod = {
    metadata: { name: 'p' },
    spec: { restartPolicy },
    status: { containerStatuses: [{ ...known, ...counted }] },
  };
  takeOver([{ status, kill }], pod, NOW);
  return { isOver, ...status };
}

const lost = {
  ...{ exitCode: 137, reason: 'ContainerStatusUnknown', containerID: 'agent://1' },
  ...{ startedAt: AT, finishedAt: NOW },
};
const done = { exitCode: 0, reason: 'Completed', startedAt: AT, finishedAt: AT, containerID: 'agent://1' };

test('what ran is started again, and counted', () => {
  expect(after('Always', { running: { startedAt: AT } })).toMatchObject({
    ...{ isOver: false, restartCount: 3, lastState: { terminated: lost }, state: { waiting: {} } },
  });
});

test('what must not run twice has failed', () => {
  expect(after('Never', { running: { startedAt: AT } })).toMatchObject({
    ...{ isOver: true, restartCount: 2, state: { terminated: lost }, ready: false },
  });
});

test('what was done stays done', () => {
  expect(after('OnFailure', { terminated: done })).toMatchObject({
    isOver: true,
    state: { terminated: done },
  });
  expect(after('Always', { terminated: done })).toMatchObject({
    isOver: false,
    lastState: { terminated: done },
  });
});

test('what never ran begins as new', () => {
  const state = { waiting: { reason: 'ContainerCreating' } };
  expect(after('Always', state)).toMatchObject({ isOver: false, restartCount: 0, state });
});
