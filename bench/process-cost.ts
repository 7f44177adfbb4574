import { readdirSync, readFileSync } from 'node:fs';
import { median } from './measure.ts';

/** What a program took, all its threads and child processes together. */
export interface Cost {
  cpuSeconds: number;
  wallSeconds: number;
  peakMB: number;
}

export interface Finished extends Cost {
  exitCode: number;
  stdout: string;
}

const POLL_MS = 20;

/** Runs a program to its end. Its standard error is shown when it fails. */
export async function costOf(
  command: string[],
  { stdin, stdout, env }: { stdin?: string; stdout?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  const start = performance.now();
  const child = Bun.spawn(command, {
    stdin: stdin === undefined ? 'ignore' : Bun.file(stdin),
    stdout: stdout === undefined ? 'pipe' : Bun.file(stdout),
    stderr: 'pipe',
    env: { ...process.env, ...env },
  });
  let peakMB = 0;
  // Not resourceUsage().maxRSS: a child process begins with its parent's.
  const poll = setInterval(() => {
    peakMB = Math.max(peakMB, peakOfTree(child.pid));
  }, POLL_MS);
  const [text, errors, exitCode] = await Promise.all([
    child.stdout === undefined ? '' : new Response(child.stdout as ReadableStream).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearInterval(poll);
  const wallSeconds = (performance.now() - start) / 1_000;
  if (exitCode !== 0) console.error(errors);
  const cpuSeconds = Number(child.resourceUsage()!.cpuTime.total) / 1e6;
  return { exitCode, stdout: text, cpuSeconds, wallSeconds, peakMB };
}

/** The most that a process and its children were resident at once, each for itself; 0 once it has ended. */
function peakOfTree(pid: number): number {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return peakMB(pid) + children.reduce((sum, child) => sum + peakOfTree(child), 0);
  } catch {
    return 0;
  }
}

/** The most that a process was resident, since it began or since `forgetPeak`. */
export function peakMB(pid: number): number {
  const [, kB] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kB ?? 0) / 1024;
}

export const medianCost = (costs: readonly Cost[]): Cost => ({
  cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)),
  wallSeconds: median(costs.map(({ wallSeconds }) => wallSeconds)),
  peakMB: median(costs.map(({ peakMB }) => peakMB)),
});
