import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { promoteCommand } from '../../src/cli/commands/promote.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { run } from '../support/command.ts';
import { testModelDirectory } from '../support/model.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

let MODEL_DIR: string;
let server: ServerProcess;
const promote = (version: string, ...args: string[]) =>
  run(promoteCommand, [
    ...[version, '--channel', 'prod', '--reason', 'x', '--no-gate', 'a test', '--store', MODEL_DIR],
    ...args,
  ]);

beforeAll(async () => {
  MODEL_DIR = await testModelDirectory('test-1', 'test-2');
  expect((await promote('test-1')).code).toBe(0);
  // It looks again only when it is told to.
  server = await startServer({ MODEL_DIR, MODEL_REFRESH_SECONDS: '0', MODEL_VERSION: 'channel:prod' });
  await server.ready();
});
afterAll(async () => {
  server?.kill('SIGKILL');
  await rm(MODEL_DIR, { recursive: true, force: true });
});

const post = (body: BodyInit) =>
  fetch(`${server.url}/api/v1/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  } as RequestInit);

describe('kill -HUP', () => {
  test('makes the server look at once; nothing else does here', async () => {
    expect((await promote('test-2')).code).toBe(0);
    await Bun.sleep(300);
    expect((await (await fetch(`${server.url}/readyz`)).json()).model.version).toBe('test-1');
    server.kill('SIGHUP');
    await server.live('test-2');
    expect((await run(rollbackCommand, ['--channel', 'prod', '--store', MODEL_DIR])).code).toBe(0);
    server.kill('SIGHUP');
    await server.live('test-1');
  });

  test('ten at once are no harm', async () => {
    await promote('test-2');
    for (let i = 0; i < 10; i++) server.kill('SIGHUP');
    await server.live('test-2');
    await promote('test-1');
    server.kill('SIGHUP');
    await server.live('test-1');
  });
});

describe('a swap under load', () => {
  test('fails no request, and every answer names the one model that made it', async () => {
    const inputs = JSON.stringify({ inputs: HOUSEHOLD });
    const answers = new Map<string, Set<number>>();
    let going = true;
    const client = async () => {
      while (going) {
        const response = await post(inputs);
        expect(response.status).toBe(200);
        const { model, predictions } = await response.json();
        const amounts = answers.get(model.version) ?? new Set();
        answers.set(model.version, amounts.add(predictions[0].amount));
      }
    };
    const clients = Array.from({ length: 4 }, client);
    for (const version of ['test-2', 'test-1', 'test-2', 'test-1']) {
      await promote(version);
      server.kill('SIGHUP');
      await server.live(version);
      await Bun.sleep(50);
    }
    going = false;
    await Promise.all(clients);
    // Each version has one answer to the same question, and the two differ.
    expect([...answers.keys()].sort()).toEqual(['test-1', 'test-2']);
    expect([...answers.values()].map((amounts) => amounts.size)).toEqual([1, 1]);
    expect(new Set([...answers.values()].map((amounts) => [...amounts][0])).size).toBe(2);
  }, 30_000);

  test('a request that began before it ends with the model it began with', async () => {
    const text = JSON.stringify({ inputs: HOUSEHOLD });
    let finish = () => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const encode = (part: string) => controller.enqueue(new TextEncoder().encode(part));
        encode(text.slice(0, 30));
        finish = () => {
          encode(text.slice(30));
          controller.close();
        };
      },
    });
    const response = post(body);
    await Bun.sleep(200);
    await promote('test-2');
    server.kill('SIGHUP');
    await server.live('test-2');
    finish();
    expect((await (await response).json()).model.version).toBe('test-1');
  });
});
