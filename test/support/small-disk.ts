import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  path: string;
  makeReadOnly(): void;
  unmount(): void;
}

/** A file system in memory of this size, to fill it up; undefined where the machine does not let us mount one. */
export function mountSmallDisk(bytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'savings-disk-'));
  if (!asRoot('mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=1777`, 'tmpfs', path)) {
    rmdirSync(path);
    return undefined;
  }
  return {
    path,
    makeReadOnly: () => asRoot('mount', '-o', 'remount,ro', path),
    unmount: () => {
      asRoot('umount', path);
      rmdirSync(path);
    },
  };
}

/** As root already, or by a sudo that asks no password, as on hosted CI machines. */
function asRoot(...command: string[]): boolean {
  const [program = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
