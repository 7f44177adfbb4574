/**
 * `bun run test:fast`: the tests that start no process and no browser, in some seconds. They are found by what they
 * import, so that no list has to be kept.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const STARTS = /\bnode:child_process\b|\bBun\.spawn|\bplaywright-core\b|\bbun:ffi\b/;
const IMPORT = /\b(?:from|import)\s*\(?\s*['"`](\.[^'"`\n]+\.tsx?)['"`]/g;

/** Whether a file, or one that it imports, starts a process or a browser. */
export function startsProcesses(path: string, seen = new Set<string>()): boolean {
  if (seen.has(path) || !existsSync(path)) return false;
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  if (STARTS.test(text)) return true;
  const imported = [...text.matchAll(IMPORT)].map(([, specifier = '']) => join(dirname(path), specifier));
  return imported.some((file) => startsProcesses(file, seen));
}

/** Paths of the tests that start neither. */
export function fastTests(): string[] {
  return globSync('test/**/*.test.{ts,tsx}', { cwd: ROOT })
    .map((file) => join(ROOT, file))
    .filter((path) => !startsProcesses(path))
    .sort();
}

if (import.meta.main) {
  const options = ['--timeout', '30000', '--parallel', '--no-isolate'];
  const { status } = spawnSync(process.execPath, ['test', ...options, ...fastTests()], {
    cwd: ROOT,
    // Fuzzing has its full length in the whole run.
    env: { FUZZ_RUNS: '30', ...process.env },
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
