import { afterAll, describe, expect, test } from 'bun:test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { usableProcessors } from '../../src/cli/processors.ts';

const all = availableParallelism();
const root = await mkdtemp(join(tmpdir(), 'savings-cgroup-'));
afterAll(() => rm(root, { recursive: true }));

let folders = 0;
async function cgroup(files: Record<string, string>): Promise<string> {
  const folder = join(root, String(folders++));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const v1 = (quota: string, period: string) => ({
  'cpu/cpu.cfs_quota_us': quota,
  'cpu/cpu.cfs_period_us': period,
});

describe('usableProcessors', () => {
  test.each([
    ['nothing', {}, all],
    ['no limit', { 'cpu.max': 'max 100000\n' }, all],
    ['no limit, in version 1', v1('-1\n', '100000\n'), all],
    ['half a processor', { 'cpu.max': '50000 100000\n' }, 1],
    ['one and a half', { 'cpu.max': '150000 100000\n' }, Math.min(2, all)],
    ['two, in version 1', v1('200000\n', '100000\n'), Math.min(2, all)],
    ['a quarter, in version 1', v1('25000\n', '100000\n'), 1],
    ['more than there are', { 'cpu.max': '100000000 1000\n' }, all],
    ['nonsense', { 'cpu.max': 'x' }, all],
  ])('with %s in the control group', async (_, files, expected) => {
    expect(usableProcessors(await cgroup(files))).toBe(expected);
  });
});
