import { spawnSync } from 'node:child_process';
import { requireCondition } from './require-tool.ts';

/** The Python of the tests; in CI it has the packages that `.ci/run` installs. */
export const PYTHON = process.env.PYTHON ?? 'python3';

/**
 * Whether it can import these packages; a person's tests are skipped without them, and say so.
 *
 * @param packages as they are imported, separated by commas
 * @param how to get them, and what for
 */
export function requirePython(packages: string, how: string): boolean {
  return requireCondition(
    `${PYTHON} with ${packages}`,
    spawnSync(PYTHON, ['-c', `import ${packages}`]).status === 0,
    `${how}; PYTHON says which Python`,
  );
}
