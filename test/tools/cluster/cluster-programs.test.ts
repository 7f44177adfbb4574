import { expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../../support/require-tool.ts';
import { ROOT } from '../../support/server-process.ts';

test.skipIf(!requireTool('go'))('programs whose modules cannot be had end with 75, and leave nothing', () => {
  const cache = mkdtempSync(join(tmpdir(), 'savings-cluster-programs-'));
  const { exitCode, stderr } = Bun.spawnSync(['bash', '.ci/cluster-programs'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: cache, XDG_CACHE_HOME: cache, GOPROXY: 'off', GOTOOLCHAIN: 'local' },
  });
  const left = readdirSync(join(cache, 'savings-ci'));
  rmSync(cache, { recursive: true });
  expect(stderr.toString()).toContain('the Go modules of k8s.io/kubernetes cannot be had');
  expect(exitCode).toBe(75);
  expect(left).toEqual(['cluster-programs.lock']);
});
