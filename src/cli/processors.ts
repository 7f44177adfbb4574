import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * How many threads can run at once: the processors, or fewer where a container may use less of them (a limit of 1.5 is 2).
 * Node.js' own count does not look at that limit.
 *
 * @param cgroup where the kernel tells of this container's limits
 */
export function usableProcessors(cgroup = '/sys/fs/cgroup'): number {
  const limit = limitOf(cgroup);
  return Math.min(availableParallelism(), limit === undefined ? Number.POSITIVE_INFINITY : Math.ceil(limit));
}

/** Processors that may be used, by Linux' cgroups v2 or v1; undefined where nothing limits them. */
function limitOf(cgroup: string): number | undefined {
  const v1 = ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((file) => read(join(cgroup, 'cpu', file)));
  const [quota, period] = (read(join(cgroup, 'cpu.max')) ?? v1.join(' ')).split(/\s+/).map(Number);
  // No limit is written as `max` or as -1.
  return quota > 0 && period > 0 ? quota / period : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
