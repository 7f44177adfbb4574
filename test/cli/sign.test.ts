import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../src/cli/command.ts';
import { promoteCommand } from '../../src/cli/commands/promote.ts';
import { publishCommand } from '../../src/cli/commands/publish.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { signCommand } from '../../src/cli/commands/sign.ts';
import { verifyCommand } from '../../src/cli/commands/verify.ts';
import { run } from '../support/command.ts';
import { newKeyPair } from '../support/key-pair.ts';
import { testModelDirectory } from '../support/model.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

let work: string;
let built: string;
let store: string;
let key: string;
let MODEL_PUBLIC_KEY: string;
let server: ServerProcess | undefined;
const folder = (version: string) => join(built, 'versions', version);

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'savings-sign-'));
  store = join(work, 'store');
  built = await testModelDirectory('test-1', 'test-2');
  const pair = await newKeyPair();
  key = join(work, 'model.key');
  MODEL_PUBLIC_KEY = pair.publicPem;
  await writeFile(key, pair.privatePem);
});
afterAll(async () => {
  server?.kill('SIGKILL');
  await Promise.all([work, built].map((path) => rm(path, { recursive: true, force: true })));
});

/** With the public key, as in the environment of the servers. */
const signed = (command: Command, ...args: string[]) =>
  run(command, [...args, '--store', store], { env: { MODEL_PUBLIC_KEY } });

describe('signing, from the folder to the server', () => {
  test('a version without a signature is refused, and with one it is not', async () => {
    const unsigned = await signed(verifyCommand, folder('test-1'));
    expect([unsigned.code, unsigned.stderr]).toEqual([1, expect.stringContaining('not signed')]);
    expect((await signed(publishCommand, folder('test-1'))).code).toBe(1);
    for (const version of ['test-1', 'test-2']) {
      const { code, stdout } = await run(signCommand, [folder(version), '--key', key]);
      expect([code, stdout]).toEqual([0, expect.stringContaining(`Signed ${version}`)]);
      expect((await signed(publishCommand, folder(version))).code).toBe(0);
    }
  });

  test('promote signs the channel, and a server with the public key follows it', async () => {
    const promote = (version: string) =>
      signed(
        promoteCommand,
        ...[version, '--channel', 'prod', '--reason', 'x', '--no-gate', 'x', '--key', key],
      );
    expect((await promote('test-1')).code).toBe(0);
    server = await startServer({ MODEL_DIR: store, MODEL_PUBLIC_KEY, MODEL_REFRESH_SECONDS: '0' });
    await server.ready();
    expect((await promote('test-2')).code).toBe(0);
    server.kill('SIGHUP');
    await server.live('test-2');
  }, 30_000);

  test('nobody changes the channel without the key, and the server keeps the good model if they do', async () => {
    const without = await signed(rollbackCommand, '--channel', 'prod');
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('private key')]);
    await writeFile(
      join(store, 'channels/prod.json'),
      JSON.stringify({
        version: 'test-1',
        manifestSha256: '0'.repeat(64),
        sequence: 9,
        promotedAt: '2026-01-01T00:00:00Z',
        reason: 'a forgery',
        previous: [],
      }),
    );
    server!.kill('SIGHUP');
    await server!.logged('cannot load the model');
    const { status, model, failure } = await (await fetch(`${server!.url}/readyz`)).json();
    expect({ status, version: model.version }).toEqual({ status: 'ready', version: 'test-2' });
    expect(failure).toContain('not signed');
  });

  test('a store that was never signed becomes signed, version by version and channel, without a new name', async () => {
    const other = join(work, 'unsigned');
    const plain = await testModelDirectory('test-1', 'test-2');
    const on = (command: Command, args: string[], env = {}) =>
      run(command, [...args, '--store', other], { env });
    const promote = (version: string, ...more: string[]) =>
      on(promoteCommand, [version, '--channel', 'prod', '--reason', 'x', '--no-gate', 'a test', ...more]);
    for (const version of ['test-1', 'test-2']) {
      expect((await on(publishCommand, [join(plain, 'versions', version)])).code).toBe(0);
      expect((await promote(version)).code).toBe(0);
    }
    await rm(plain, { recursive: true });

    // The channel's key alone is not enough: servers would refuse the version that it names.
    const early = await promote('test-2', '--key', key);
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('test-2')]);
    for (let twice = 0; twice < 2; twice++) {
      const { code, stdout } = await on(signCommand, ['test-2', '--key', key], { MODEL_PUBLIC_KEY });
      expect([code, stdout]).toEqual([0, expect.stringContaining('Signed test-2')]);
    }
    const { code, stdout } = await promote('test-2', '--key', key);
    expect([code, stdout]).toEqual([0, expect.stringContaining('sequence 3; before: test-2')]);
    expect((await on(verifyCommand, ['channel:prod'], { MODEL_PUBLIC_KEY })).code).toBe(0);

    const pair = await newKeyPair();
    const nextKey = join(work, 'next.key');
    await writeFile(nextKey, pair.privatePem);
    const second = await on(signCommand, ['test-2', '--key', nextKey]);
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringContaining('signed with another key already'),
    ]);
  }, 30_000);

  test.each([
    [['--key', '/nowhere/model.key'], 1, 'Cannot read the file of the private key: it does not exist.'],
    [[], 2, 'Say which key'],
  ] as [string[], number, string][])('sign with %p fails and says why', async (args, code, told) => {
    const ran = await run(signCommand, [folder('test-1'), ...args]);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(told)]);
  });
});
