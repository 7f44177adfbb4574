import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Container } from './agent/container.ts';
import type { KubernetesObject } from './api-client.ts';
import type { Series } from './exposition.ts';
import { read, tree, usage } from './processes.ts';

/**
 * What cAdvisor says of the containers that are run, by its names, from the kernel's own numbers. It has no cgroup to
 * read, so nothing is told of throttling (container_cpu_cfs_*); and nothing of pods that only seem to run.
 *
 * @see https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 */
export function containerSeries(containers: readonly Container[]): Series[] {
  return [...Map.groupBy(containers, ({ podUid }) => podUid).values()].flatMap(podSeries);
}

function podSeries(containers: Container[]): Series[] {
  const series: Series[] = [];
  const sum = { cpuSeconds: 0, memoryBytes: 0 };
  const add = (container: string, image: string, { cpuSeconds, memoryBytes }: typeof sum) => {
    const labels = { ...identity(containers[0]!, container), image };
    series.push(
      {
        metric: 'container_cpu_usage_seconds_total',
        type: 'counter',
        labels: { ...labels, cpu: 'total' },
        value: cpuSeconds,
      },
      { metric: 'container_memory_working_set_bytes', type: 'gauge', labels, value: memoryBytes },
    );
  };
  for (const { pid, name, image } of containers) {
    const used = usage(pid);
    if (!used) continue;
    sum.cpuSeconds += used.cpuSeconds;
    sum.memoryBytes += used.memoryBytes;
    add(name, image, used);
  }
  // As cAdvisor has it: the pod's sum beside its containers, told from them by its empty label.
  add('', '', sum);
  return [...series, ...networkSeries(containers[0]!)];
}

function identity({ namespace, pod, podUid }: Container, container: string) {
  const id = `/kubepods/pod${podUid}${container && `/${container}`}`;
  return { container, id, name: container, namespace, pod };
}

/** One network for all containers of a pod. */
function networkSeries(container: Container): Series[] {
  return read(`/proc/${container.pid}/net/dev`)
    .split('\n')
    .flatMap((line) => {
      const [, name, numbers] = /^\s*([^:\s]+):\s*(.+)$/.exec(line) ?? [];
      if (!name || !numbers || name === 'lo') return [];
      const counts = numbers.split(/\s+/).map(Number);
      const labels = { ...identity(container, ''), image: '', interface: name };
      // See proc_pid_net(5): eight numbers of what came, and eight of what went.
      return (['receive', 'transmit'] as const).flatMap((direction, i) => {
        const [bytes, , errors, dropped] = counts.slice(8 * i, 8 * i + 4) as [number, number, number, number];
        const counter = (what: string, value: number): Series => ({
          metric: `container_network_${direction}_${what}_total`,
          type: 'counter',
          labels,
          value,
        });
        return [counter('bytes', bytes), counter('errors', errors), counter('packets_dropped', dropped)];
      });
    });
}

/**
 * What a kubelet says of the claimed disks of the pods that are run: how full the file system is that the claim is on.
 *
 * @param pods those of the containers
 */
export function volumeSeries(containers: readonly Container[], pods: readonly KubernetesObject[]): Series[] {
  return containers.flatMap((container) => {
    const spec = pods.find(({ metadata }) => metadata.uid === container.podUid)?.spec;
    const mounts: { name: string; mountPath: string }[] =
      spec?.containers.find(({ name }: { name: string }) => name === container.name)?.volumeMounts ?? [];
    return mounts.flatMap(({ name, mountPath }) => {
      const claim = spec.volumes.find(
        (volume: { name: string }) => volume.name === name,
      )?.persistentVolumeClaim;
      const labels = { namespace: container.namespace, persistentvolumeclaim: claim?.claimName };
      return claim ? fileSystemSeries(container, mountPath, labels) : [];
    });
  });
}

function fileSystemSeries({ pid }: Container, mountPath: string, labels: Series['labels']): Series[] {
  // The innermost process: those around it, which made the container, see the machine's files.
  const inside = tree(pid).at(-1);
  const fileSystem = inside === undefined ? undefined : fileSystemAt(join(`/proc/${inside}/root`, mountPath));
  if (!fileSystem) return [];
  const { bsize, blocks, bfree, bavail } = fileSystem;
  const sizes = { available: bavail, capacity: blocks, used: blocks - bfree };
  return Object.entries(sizes).map(([what, count]) => ({
    metric: `kubelet_volume_stats_${what}_bytes`,
    type: 'gauge',
    labels,
    value: count * bsize,
  }));
}

/** Undefined when the process has ended meanwhile. */
function fileSystemAt(path: string) {
  try {
    return statfsSync(path);
  } catch {
    return undefined;
  }
}
