import { readdirSync, readFileSync } from 'node:fs';

/** Of one process and all that it has started. */
export interface Usage {
  /** Of CPU, since they began; of children that have ended too. */
  cpuSeconds: number;
  /** That is in memory now, and no other's. */
  memoryBytes: number;
}

/** What the kernel counts in: USER_HZ, 100 wherever Linux runs. */
const TICKS_PER_SECOND = 100;

interface Process {
  parent: number;
  ticks: number;
}

/** The process and its descendants, itself first; nothing once it has ended. */
export function tree(pid: number): number[] {
  const processes = all();
  const found: number[] = processes.has(pid) ? [pid] : [];
  for (const parent of found) {
    for (const [child, process] of processes) if (process.parent === parent) found.push(child);
  }
  return found;
}

/** Undefined once it has ended. */
export function usage(pid: number): Usage | undefined {
  const processes = all();
  const members = tree(pid);
  if (members.length === 0) return undefined;
  const ticks = members.reduce((sum, member) => sum + (processes.get(member)?.ticks ?? 0), 0);
  const memoryBytes = members.reduce((sum, member) => sum + residentBytes(member), 0);
  return { cpuSeconds: ticks / TICKS_PER_SECOND, memoryBytes };
}

/** A file of /proc; empty when the process has ended meanwhile. */
export function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function all(): Map<number, Process> {
  const processes = new Map<number, Process>();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = read(`/proc/${name}/stat`);
    // A program's name is in parentheses, and may have spaces and parentheses itself. See proc_pid_stat(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.length < 15) continue;
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    processes.set(Number(name), { parent: Number(fields[1]), ticks });
  }
  return processes;
}

/** Anonymous memory alone: pages of files are shared, as those of one program by all its processes. */
function residentBytes(pid: number): number {
  const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return 1024 * Number(kilobytes ?? 0);
}
