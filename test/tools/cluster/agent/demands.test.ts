import { expect, test } from 'bun:test';
import { notDone } from '../../../../tools/cluster/agent/demands.ts';

const pod = (container: object, spec: object = {}) => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'main', image: 'i', ...container }], ...spec },
});

test('nothing is left out silently', () => {
  const exec = { exec: { command: ['true'] } };
  expect(notDone(pod({ livenessProbe: exec, lifecycle: { preStop: exec, postStart: exec } }))).toEqual([
    ...['main.lifecycle.postStart', 'main.lifecycle.preStop.exec', 'main.livenessProbe.exec'],
  ]);
  expect(notDone(pod({}, { shareProcessNamespace: true, volumes: [{ name: 'v', nfs: {} }] }))).toEqual([
    ...['shareProcessNamespace', 'volume v: nfs'],
  ]);
  expect(
    notDone(pod({ securityContext: { privileged: true, capabilities: { add: ['NET_ADMIN'] } } })),
  ).toEqual([...['main.securityContext.privileged', 'main.securityContext.capabilities.add']]);
});

test("a Node's folders can be read, not written to", () => {
  const volumes = [{ name: 'proc', hostPath: { path: '/proc' } }];
  const mount = (readOnly: boolean) => ({
    volumeMounts: [{ name: 'proc', mountPath: '/host/proc', readOnly }],
  });
  expect(notDone(pod(mount(true), { volumes }))).toEqual([]);
  expect(notDone(pod(mount(false), { volumes }))).toEqual(['volume proc: hostPath that is written to']);
});

test('a field that is new to Kubernetes is named too', () => {
  expect(notDone(pod({ newField: {} }, { newPolicy: 'Some' }))).toEqual(['newPolicy', 'main.newField']);
});
