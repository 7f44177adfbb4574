import { beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFaultyServer } from '../support/faulty-server.ts';
import { requireTool } from '../support/require-tool.ts';
import { S3_START_MS, type S3Server, s3Server } from '../support/s3-server.ts';

const SCRIPT = join(import.meta.dir, '../support/store-walk.ts');
const PERMISSIONS = ['--allow-net', '--allow-env', '--allow-read', '--allow-write', '--allow-sys'];

const WALKED = [
  'done',
  'conflict',
  'too_large',
  'not_found',
  'invalid',
  '"unchanged"',
  'etag',
  'conflict',
  '[50]',
  '["channels/prod.json","versions/1/file"]',
];

const canRun = requireTool('radosgw') && requireTool('deno');
describe.skipIf(!canRun)('both stores keep their promises', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await s3Server();
  }, S3_START_MS);

  test.concurrent.each([
    ['Bun', [process.execPath]],
    ['Deno', ['deno', 'run', '--no-prompt', ...PERMISSIONS]],
  ])(
    'on %s',
    async (_, command) => {
      const faulty = await startFaultyServer();
      const directory = await mkdtemp(join(tmpdir(), 'savings-runtime-'));
      const args = [directory, server.endpoint, await server.newBucket(), faulty.endpoint];
      const child = Bun.spawn([...command, SCRIPT, ...args], { stdout: 'pipe', stderr: 'inherit' });
      const printed = await new Response(child.stdout).text();
      await rm(directory, { recursive: true });
      await faulty.stop();
      expect(JSON.parse(printed)).toEqual({
        directory: WALKED,
        s3: WALKED,
        versions: ['done', 'conflict'],
        faults: [
          'hang: unavailable',
          'stall: unavailable',
          'trickle: unavailable',
          'truncated: unavailable',
          'reset: unavailable',
          'garbage: unavailable',
          'endless: too_large',
          'truncated-once: {"bytes":{"type":"Buffer","data":[119,104,111,108,101,32,97,116,32,108,97,115,116]},"etag":"\\"an-etag\\""}',
        ],
      });
      expect(await child.exited).toBe(0);
    },
    30_000,
  );
});
