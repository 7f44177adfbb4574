import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { HOUSEHOLD, HOUSEHOLD_TEXT } from '../support/app.ts';
import { testModelDirectory } from '../support/model.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

let MODEL_DIR: string;
const servers: ServerProcess[] = [];
beforeAll(async () => {
  MODEL_DIR = await testModelDirectory('test-1', 'test-2');
});
afterAll(async () => {
  for (const server of servers) server.kill('SIGKILL');
  await rm(MODEL_DIR, { recursive: true, force: true });
});

async function start(environment: Record<string, string>, challenger = 'test-2') {
  const server = await startServer({
    MODEL_DIR,
    MODEL_VERSION: 'test-1',
    MODEL_CHALLENGER: challenger,
    ...environment,
  });
  servers.push(server);
  await server.ready();
  return server;
}
const state = async (server: ServerProcess) => (await fetch(`${server.url}/readyz`)).json();
const challengerLive = async (server: ServerProcess) => {
  while ((await state(server)).challenger.model === undefined) await Bun.sleep(20);
};
const ask = async (server: ServerProcess, headers: Record<string, string> = {}) => {
  const response = await fetch(`${server.url}/api/v1/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ inputs: HOUSEHOLD }),
  });
  const { model } = await response.json();
  expect(response.headers.get('savings-model-version')).toBe(model.version);
  return model.version as string;
};
const metricsOf = async (server: ServerProcess) => (await fetch(server.metricsUrl)).text();

describe('MODEL_CHALLENGER_MODE=shadow', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await start({});
    await challengerLive(server);
  });

  test('the champion answers everybody, and both are shown', async () => {
    expect(await ask(server, { 'savings-subject': 'somebody' })).toBe('test-1');
    expect((await fetch(server.url)).headers.get('set-cookie')).toBeNull();
    expect(await state(server)).toMatchObject({
      model: { version: 'test-1' },
      challenger: { mode: 'shadow', model: { version: 'test-2' } },
    });
    const info = (await metricsOf(server))
      .split('\n')
      .filter((line) => line.startsWith('savings_model_info{'));
    expect(info).toHaveLength(2);
    expect(info.join()).toMatch(/version="test-1".*role="champion".*version="test-2".*role="challenger"/);
  });

  test('what was answered is compared afterwards, for the page and for programs', async () => {
    const compared = async () => /result="compared"} (\d+)/.exec(await metricsOf(server))?.[1];
    const before = Number(await compared());
    await ask(server);
    await fetch(`${server.url}/predict`, { method: 'POST', body: new URLSearchParams(HOUSEHOLD_TEXT) });
    while (Number(await compared()) < before + 2) await Bun.sleep(20);
    expect(await metricsOf(server)).toMatch(
      /savings_shadow_difference_ratio_count\{income_below="[^"]+"\} [1-9]/,
    );
  });
});

describe('MODEL_CHALLENGER_MODE=split', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await start({ MODEL_CHALLENGER_MODE: 'split', MODEL_CHALLENGER_PERCENT: '50' });
    await challengerLive(server);
  });

  test('programs are divided by the header they send, and stay where they are', async () => {
    const subjects = Array.from({ length: 24 }, (_, i) => `customer-${i}`);
    const versions = await Promise.all(subjects.map((s) => ask(server, { 'savings-subject': s })));
    expect(new Set(versions)).toEqual(new Set(['test-1', 'test-2']));
    expect(await Promise.all(subjects.map((s) => ask(server, { 'savings-subject': s })))).toEqual(versions);
    expect(await ask(server)).toBe('test-1');
  });

  test('people are divided by a cookie that says nothing of them', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 24; i++) {
      const first = await fetch(server.url);
      const version = first.headers.get('savings-model-version')!;
      const cookie = first.headers.get('set-cookie')!;
      expect(cookie).toMatch(/^savings_subject=[\w-]{16}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Lax$/);
      const [pair] = cookie.split(';');
      const again = await fetch(`${server.url}/predict`, {
        method: 'POST',
        headers: { cookie: pair! },
        body: new URLSearchParams(HOUSEHOLD_TEXT),
      });
      expect(again.headers.get('savings-model-version')).toBe(version);
      expect(again.headers.get('set-cookie')).toBeNull();
      seen.add(version);
    }
    expect(seen).toEqual(new Set(['test-1', 'test-2']));
  });

  test('who refuses the cookie gets the champion every time', async () => {
    for (let i = 0; i < 8; i++) {
      const response = await fetch(`${server.url}/predict`, {
        method: 'POST',
        body: new URLSearchParams(HOUSEHOLD_TEXT),
      });
      expect(response.headers.get('savings-model-version')).toBe('test-1');
    }
  });

  test('a file is scored by the champion, whoever sends it', async () => {
    const body = [...sampleCsv(5, 1)].join('');
    for (const subject of ['a', 'b', 'c', 'd']) {
      const headers = { 'content-type': 'text/csv', 'savings-subject': subject };
      const response = await fetch(`${server.url}/batch`, { method: 'POST', headers, body });
      expect([response.status, response.headers.get('savings-model-version')]).toEqual([200, 'test-1']);
      await response.text();
    }
  });

  test('an address of the inference protocol may name either version', async () => {
    const { name } = (await state(server)).model;
    const ready = (version: string) => fetch(`${server.url}/v2/models/${name}/versions/${version}/ready`);
    expect((await ready('test-1')).status).toBe(200);
    expect((await ready('test-2')).status).toBe(200);
    expect((await ready('test-3')).status).toBe(404);
  });

  test('predictions are counted by role, the log names the version that answered, and no subject is kept', async () => {
    const text = await metricsOf(server);
    expect(text).toMatch(
      /savings_predictions_total\{version="test-2",role="challenger",surface="api"\} [1-9]/,
    );
    expect(text).toMatch(
      /savings_predictions_total\{version="test-1",role="champion",surface="page"\} [1-9]/,
    );
    await server.logged('request');
    const requests = server.log.filter(
      ({ message, route }) => message === 'request' && route === '/api/v1/predict',
    );
    expect(new Set(requests.map(({ model }) => model))).toEqual(new Set(['test-1', 'test-2']));
    expect(`${text}${JSON.stringify(server.log)}`).not.toContain('customer-');
  });
});

test('a challenger that cannot be loaded is shown, and costs nobody an answer', async () => {
  const server = await start({ MODEL_CHALLENGER_MODE: 'split', MODEL_CHALLENGER_PERCENT: '100' }, 'test-9');
  await server.logged('cannot load the model');
  expect(await ask(server, { 'savings-subject': 'x' })).toBe('test-1');
  const { status, failure, challenger } = await state(server);
  expect([status, failure]).toEqual(['ready', undefined]);
  expect(challenger.failure).toContain('test-9');
});
