/** What the kubelet of a rehearsal says of real processes. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container } from '../../../tools/cluster/agent/container.ts';
import { containerSeries, volumeSeries } from '../../../tools/cluster/container-series.ts';
import { tree, usage } from '../../../tools/cluster/processes.ts';
import { panelExpressions, ruleExpressions } from '../../monitoring/expressions.ts';
import { parsePromql } from '../../monitoring/promql.ts';

/** They come from cgroups, and a process that is no container has none. */
const WITHOUT_SOURCE = ['container_cpu_cfs_periods_total', 'container_cpu_cfs_throttled_periods_total'];

describe('what is told of containers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'savings-series-'));
  let child: Bun.Subprocess;
  let container: Container;

  beforeAll(async () => {
    // A process within a process, as bubblewrap makes them; it works for a while, and then waits.
    const work = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done; read -r line';
    child = Bun.spawn(['sh', '-c', `(${work}); true`], { stdin: 'pipe', stdout: 'pipe' });
    await (child.stdout as ReadableStream).getReader().read();
    container = {
      namespace: 'default',
      pod: 'savings-1',
      podUid: 'uid-1',
      podAddress: '10.0.64.1',
      node: 'node-1',
      name: 'savings',
      image: 'registry.invalid/savings',
      pid: child.pid,
      log: '',
      startedAt: Date.now(),
    };
  });

  afterAll(async () => {
    child.kill();
    await child.exited;
    rmSync(folder, { recursive: true });
  });

  test('counts the processes that a process has started, and nothing once it is gone', async () => {
    expect(tree(child.pid)).toHaveLength(2);
    expect(tree(child.pid)[0]).toBe(child.pid);
    const { cpuSeconds, memoryBytes } = usage(child.pid)!;
    expect(cpuSeconds).toBeGreaterThan(0);
    expect(memoryBytes).toBeGreaterThan(10_000);
    const gone = Bun.spawn(['true']);
    await gone.exited;
    expect(usage(gone.pid)).toBeUndefined();
  });

  test('a container stands beside its pod’s sum, which no container’s name is on', () => {
    const cpu = containerSeries([container]).filter(
      ({ metric }) => metric === 'container_cpu_usage_seconds_total',
    );
    expect(cpu.map(({ labels }) => labels.container)).toEqual(['savings', '']);
    expect(cpu[1]!.value).toBe(cpu[0]!.value);
  });

  test('says how full the disk of a claim is, as the process within sees it', () => {
    const pod = {
      metadata: { name: 'savings-1', uid: 'uid-1' },
      spec: {
        containers: [
          {
            name: 'savings',
            volumeMounts: [
              { name: 'data', mountPath: folder },
              { name: 'other', mountPath: '/tmp' },
            ],
          },
        ],
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: 'data-savings-1' } },
          { name: 'other', emptyDir: {} },
        ],
      },
    };
    const series = volumeSeries([container], [pod]);
    expect(series.map(({ labels }) => labels)).toEqual(
      Array(3).fill({ namespace: 'default', persistentvolumeclaim: 'data-savings-1' }),
    );
    const [available, capacity, used] = series.map(({ value }) => value) as [number, number, number];
    expect(capacity).toBeGreaterThan(0);
    expect(available + used).toBeLessThanOrEqual(capacity);
  });

  test('is all that rules and dashboards ask of kubelets, but for what has no source', () => {
    const pod = {
      metadata: { name: 'savings-1', uid: 'uid-1' },
      spec: {
        containers: [{ name: 'savings', volumeMounts: [{ name: 'data', mountPath: folder }] }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-savings-1' } }],
      },
    };
    const told = new Set(
      [...containerSeries([container]), ...volumeSeries([container], [pod])].map(({ metric }) => metric),
    );
    const asked = [...ruleExpressions(), ...panelExpressions()]
      .flatMap(({ expr }) => parsePromql(expr).selectors.map(({ metric }) => metric))
      .filter((metric) => /^(container|kubelet)_/.test(metric));
    expect([...new Set(asked)].filter((metric) => !told.has(metric)).sort()).toEqual(WITHOUT_SOURCE);
  });
});
