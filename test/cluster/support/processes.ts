import { readdirSync, readFileSync } from 'node:fs';

/** A process of `savings` in a pod that is run. */
export interface PodProcess {
  pid: number;
  /** As it was started. */
  environment: Record<string, string>;
}

/** Those that are there now, in any pod. They are seen from outside, as a Node sees them. */
export function podProcesses(): PodProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [program] = strings(`/proc/${name}/cmdline`);
        if (program !== '/savings') return [];
        const environment = Object.fromEntries(
          strings(`/proc/${name}/environ`).map((line) => [
            line.slice(0, line.indexOf('=')),
            line.slice(line.indexOf('=') + 1),
          ]),
        );
        return [{ pid: Number(name), environment }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

const strings = (path: string) => readFileSync(path, 'utf8').split('\0').filter(Boolean);

/** What the pod of a process has received over the network, in bytes. */
export function received(pid: number): number {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n').slice(2);
  const bytes = lines
    .map((line) => line.trim().split(/[:\s]+/))
    .filter(([name]) => name !== 'lo' && name !== '');
  return bytes.reduce((sum, [, count]) => sum + Number(count), 0);
}
