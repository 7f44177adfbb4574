import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

export const REPOSITORY = resolve(import.meta.dir, '../../..');

/** What git says of this repository. @throws with what it says when it refuses */
export function git(...args: string[]): string {
  return gitBytes(...args)
    .toString()
    .trim();
}

export function gitBytes(...args: string[]): Buffer {
  // Also in a tree that another user owns, as a CI machine may have checked it out.
  const safe = ['-c', `safe.directory=${REPOSITORY}`];
  return execFileSync('git', [...safe, ...args], { cwd: REPOSITORY, stdio: 'pipe', maxBuffer: 2 ** 28 });
}
