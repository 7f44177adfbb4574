import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostsOf, writeOver } from '../../../../tools/cluster/agent/hosts.ts';

const service = (name: string, namespace: string, clusterIP: string) => ({
  metadata: { name, namespace },
  spec: { clusterIP },
});

test('a pod finds Services by the names that DNS would have', () => {
  const pod = { metadata: { name: 'p-0', namespace: 'monitoring' }, spec: {} };
  const services = [
    service('prometheus', 'monitoring', '10.96.0.2'),
    service('savings', 'default', '10.96.0.3'),
    service('headless', 'default', 'None'),
  ];
  expect(hostsOf(pod, '10.0.64.1', services)).toBe(`127.0.0.1 localhost
::1 localhost
10.0.64.1 p-0
10.96.0.2 prometheus.monitoring.svc.cluster.local prometheus.monitoring.svc prometheus.monitoring prometheus
10.96.0.3 savings.default.svc.cluster.local savings.default.svc savings.default
`);
});

test('the file stays the same file, so that containers see the change', () => {
  const folder = mkdtempSync(join(tmpdir(), 'savings-hosts-'));
  const path = join(folder, 'pod/hosts');
  writeOver(path, 'a long text\n');
  const { ino } = statSync(path);
  writeOver(path, 'short\n');
  expect(readFileSync(path, 'utf8')).toBe('short\n');
  expect(statSync(path).ino).toBe(ino);
  rmSync(folder, { recursive: true });
});
