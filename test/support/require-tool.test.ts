import { describe, expect, test } from 'bun:test';

const SCRIPT = `
  import { requireTool } from './test/support/require-tool.ts';
  console.log(requireTool('radosgw'), requireTool('radosgw'));`;

async function run(env: Record<string, string>) {
  const child = Bun.spawn([process.execPath, '-e', SCRIPT], { env, stdout: 'pipe', stderr: 'pipe' });
  const [printed, warned] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, printed: printed.trim(), warned };
}

describe('requireTool, when the tool is missing', () => {
  test('lets a person skip its tests, and says so once', async () => {
    const { code, printed, warned } = await run({ PATH: '/nonexistent' });
    expect(code).toBe(0);
    expect(printed).toBe('false false');
    expect(warned.match(/SKIPPING TESTS: radosgw is not installed: apt-get install/g)).toHaveLength(1);
  });

  test('fails in CI', async () => {
    const { code, warned } = await run({ PATH: '/nonexistent', CI: 'true' });
    expect(code).not.toBe(0);
    expect(warned).toContain('Tests cannot be skipped in CI. radosgw is not installed');
  });
});
