import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testModelDirectory } from '../../support/model.ts';
import { ROOT } from '../../support/server-process.ts';

/** Beside whatever cluster the person who runs this has. */
const parent = mkdtempSync(join(tmpdir(), 'savings-up-'));
const folder = join(parent, 'savings-cluster');
const models = await testModelDirectory();

function cluster(args: string[] = [], env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, 'tools/cluster/up.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, CLUSTER_FOLDER: parent, MODEL_DIR: models, ...env },
  });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

afterAll(() => {
  cluster(['down']);
  rmSync(parent, { recursive: true });
});

test('bun run cluster brings it up with the model of MODEL_DIR and says where to look; down ends it', async () => {
  const started = cluster();
  expect(started).toMatchObject({ exitCode: 0, stderr: '' });
  const [page, prometheus] = [...started.stdout.matchAll(/http:\/\/localhost:\d+/g)].map(([url]) => url);
  expect(await (await fetch(page!)).text()).toContain('<form');
  expect(await (await fetch(`${page}/readyz`)).json()).toMatchObject({ model: { version: 'test-1' } });
  expect((await fetch(`${prometheus}/-/ready`)).status).toBe(200);
  const kubeconfig = /KUBECONFIG=(\S+),/.exec(started.stdout)![1]!;
  const { stdout } = Bun.spawnSync([
    join(process.env.CLUSTER_PROGRAMS!, 'kubectl'),
    '--kubeconfig',
    kubeconfig,
    'get',
    'pods',
    '--all-namespaces',
  ]);
  expect(stdout.toString()).toMatch(/savings-\S+ +1\/1 +Running/);

  const again = cluster();
  expect(again.exitCode).toBe(0);
  expect(again.stdout.split('\n').slice(-6)).toEqual(started.stdout.split('\n').slice(-6));

  expect(cluster(['down'])).toMatchObject({ exitCode: 0, stdout: 'The cluster is gone.\n' });
  expect(existsSync(folder)).toBe(false);
  await expect(fetch(page!)).rejects.toThrow();
  expect(cluster(['down'])).toMatchObject({ exitCode: 0, stdout: 'No cluster runs.\n' });
});

test('down takes away what is left of one that was killed', () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'pid'), String(process.pid));
  expect(cluster(['down'])).toMatchObject({ exitCode: 0, stdout: 'No cluster runs.\n' });
  expect(existsSync(folder)).toBe(false);
});

test('what cannot be started says why', () => {
  expect(cluster(['upp'])).toMatchObject({ exitCode: 1, stderr: 'usage: bun run cluster [-- down]\n' });
  expect(cluster([], { MODEL_VERSION: 'none' })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^Cannot read \S+versions\/none\/manifest\.json: it does not exist\.\n$/),
  });
});
