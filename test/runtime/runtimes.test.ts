import { describe, expect, test } from 'bun:test';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { ROOT, RUNTIMES } from '../support/server-process.ts';

const SMOKE = 'test/runtime/smoke.ts';
const HOW: Record<string, string[]> = {
  bun: [process.execPath, 'test', `./${SMOKE}`],
  deno: ['deno', 'test', '--no-check', '--allow-all', SMOKE],
};

describe('the same source and the same smoke script', () => {
  test.each(Object.keys(RUNTIMES).filter((runtime) => runtime === 'bun' || requireTool('deno')))(
    'pass on %s',
    async (runtime) => {
      const run = Bun.spawn(HOW[runtime]!, {
        cwd: ROOT,
        env: { ...process.env, SMOKE_MODEL_DIR: await testModelDirectory() },
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const [code, out, err] = await Promise.all([
        run.exited,
        new Response(run.stdout).text(),
        new Response(run.stderr).text(),
      ]);
      expect(code === 0 ? '' : `${out}${err}`).toBe('');
      expect(`${out}${err}`).toMatch(/\b6 pass|6 passed|\(6 steps\)/);
    },
    60_000,
  );
});
