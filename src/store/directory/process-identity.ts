import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * A name for one run of one process, to put on what it will remove itself: locks and unfinished files. Another
 * process can tell from it whether the owner is still there.
 */
export interface ProcessIdentity {
  /** A short digest of the host's name. */
  host: string;
  pid: number;
  /**
   * When the process started, in clock ticks since boot; 0 where the system does not say. Process ids are used again
   * (in a container the server is always 1), so the id alone would take a new process for the old owner.
   */
  started: number;
}

/** `unknown`: the owner was on another host, which shares this directory. */
export type OwnerState = 'alive' | 'dead' | 'unknown';

export function ownIdentity(): ProcessIdentity {
  const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 12);
  return { host, pid: process.pid, started: processStatus(process.pid).started };
}

/** As part of a file's name, as `parseIdentity` reads it. */
export function formatIdentity(identity: ProcessIdentity): string {
  return `${identity.host}-${identity.pid}-${identity.started}`;
}

/** The identity that `text` begins with, or undefined. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^([0-9a-f]{12})-([1-9]\d{0,9})-(\d{1,15})(?!\d)/.exec(text);
  if (!match) return undefined;
  return { host: String(match[1]), pid: Number(match[2]), started: Number(match[3]) };
}

export function ownerState(identity: ProcessIdentity): OwnerState {
  if (identity.host !== ownIdentity().host) return 'unknown';
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // Any other refusal (EPERM, a runtime's sandbox) says nothing about the process being gone.
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'dead' : 'alive';
  }
  const { started, zombie } = processStatus(identity.pid);
  if (zombie) return 'dead';
  return identity.started === 0 || started === 0 || started === identity.started ? 'alive' : 'dead';
}

/** Fields 3 and 22 of /proc/PID/stat (proc_pid_stat(5)); where it cannot be read, nothing is claimed. */
function processStatus(pid: number): { started: number; zombie: boolean } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command's name in parentheses, which may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { started: Number(fields[19]) || 0, zombie: fields[0] === 'Z' };
  } catch {
    return { started: 0, zombie: false };
  }
}
