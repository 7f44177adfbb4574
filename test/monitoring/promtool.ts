import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The unit tests of rules that are written by hand. */
export const UNIT_TESTS = join(import.meta.dir, 'rules');

export function promtool(...args: string[]): { ok: boolean; output: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(['promtool', ...args], { cwd: UNIT_TESTS });
  return { ok: exitCode === 0, output: `${stdout}${stderr}` };
}

/** Runs unit tests that a test has made. @param text YAML, or JSON */
export function testRules(text: string): { ok: boolean; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'savings-rules-'));
  try {
    writeFileSync(join(folder, 'made.yml'), text);
    return promtool('test', 'rules', join(folder, 'made.yml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
