import { describe, expect, test } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signFiles } from '../../src/model/signing/model-signature.ts';
import { newKeyPair } from '../support/key-pair.ts';
import { testArtifact, testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { ROOT, RUNTIMES } from '../support/server-process.ts';

const SMOKE = 'test/runtime/smoke.ts';
const HOW: Record<string, string[]> = {
  bun: [process.execPath, 'test', `./${SMOKE}`],
  deno: ['deno', 'test', '--no-check', '--allow-all', SMOKE],
};

/** A signed model: to serve it at all is to have verified it with the runtime's own cryptography. */
async function signedModel() {
  const directory = await testModelDirectory();
  const { files } = await testArtifact();
  const { key, publicPem } = await newKeyPair('P-384');
  await writeFile(join(directory, 'versions/test-1/model.sig'), await signFiles(files, 'test-1', key));
  return { SMOKE_MODEL_DIR: directory, SMOKE_PUBLIC_KEY: publicPem };
}

describe('the same source and the same smoke script', () => {
  test.each(Object.keys(RUNTIMES).filter((runtime) => runtime === 'bun' || requireTool('deno')))(
    'pass on %s',
    async (runtime) => {
      const run = Bun.spawn(HOW[runtime], {
        cwd: ROOT,
        env: { ...process.env, ...(await signedModel()) },
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const [code, out, err] = await Promise.all([
        run.exited,
        new Response(run.stdout).text(),
        new Response(run.stderr).text(),
      ]);
      expect(code === 0 ? '' : `${out}${err}`).toBe('');
      expect(`${out}${err}`).toMatch(/\b7 pass|7 passed|\(7 steps\)/);
    },
    60_000,
  );
});
