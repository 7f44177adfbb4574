import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createMetricsApp } from '../../src/http/app.ts';
import { testApp } from '../support/app.ts';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { RUNTIMES, type ServerProcess, startServer } from '../support/server-process.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

/** A new Request takes few methods; over a connection come others too. */
function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const request = new Request(`http://x${path}`, { headers });
  Object.defineProperty(request, 'method', { value: method, configurable: true });
  return server.app.fetch(request);
}

describe('a method that an address does not take', () => {
  test.each([
    ['GET', '/api/v1/predict', 'POST, OPTIONS'],
    ['HEAD', '/api/v1/predict', 'POST, OPTIONS'],
    ['POST', '/livez', 'GET, HEAD, OPTIONS'],
    ['PUT', '/batch', 'GET, HEAD, POST, OPTIONS'],
    ['DELETE', '/v2/models/savings', 'GET, HEAD, OPTIONS'],
    ['GET', '/v2/models/savings/versions/1/infer', 'POST, OPTIONS'],
    ['PATCH', '/assets/nothing', 'GET, HEAD, OPTIONS'],
    ['POST', '/', 'GET, HEAD, OPTIONS'],
  ])('%s %s is 405 and says what it takes', async (method, path, allow) => {
    const response = await ask(method, path);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
  });

  test('is said in the words of whoever asks', async () => {
    const detail = 'Cannot answer PUT at this address: it takes GET or POST.';
    const program = await ask('PUT', '/batch');
    expect(program.headers.get('content-type')).toBe('application/problem+json');
    expect(await program.json()).toMatchObject({ status: 405, title: 'Method not allowed', detail });
    const inference = await ask('GET', '/v2/models/savings/infer');
    expect(await inference.json()).toEqual({ error: 'Cannot answer GET at this address: it takes POST.' });
    const browser = await ask('PUT', '/batch', { accept: 'text/html,*/*' });
    expect(browser.headers.get('content-type')).toStartWith('text/html');
    expect(await browser.text()).toContain(detail);
  });

  test('is counted and logged under the route, one that nobody knows under none', async () => {
    await ask('PUT', '/v2/models/savings/infer');
    expect(server.lines.at(-1)).toContain('"route":"/v2/models/:name/infer","status":405');
    await ask('BREW', '/v2/models/savings/infer');
    expect(server.lines.at(-1)).toContain('"method":"OTHER","route":"none","status":501');
  });
});

test('OPTIONS is answered with what an address takes, and offers nothing to other origins', async () => {
  const headers = { origin: 'https://other.example', 'access-control-request-method': 'POST' };
  const response = await ask('OPTIONS', '/api/v1/predict', headers);
  expect([response.status, await response.text()]).toEqual([204, '']);
  expect(response.headers.get('allow')).toBe('POST, OPTIONS');
  const told = [...response.headers.keys(), ...(await ask('GET', '/api/v1/model', headers)).headers.keys()];
  expect(told.filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('%s is 404 where there is nothing', async (method) => {
  for (const path of ['/nothing', '/v2/nothing', '/api/v1/predict/']) {
    expect((await ask(method, path)).status).toBe(404);
  }
  if (method === 'GET') expect((await ask(method, '/assets/nothing')).status).toBe(404);
});

test.each(['TRACE', 'PROPFIND', 'BREW'])('%s, which the server does not know, is 501', async (method) => {
  const response = await ask(method, '/livez');
  expect(response.status).toBe(501);
  expect((await response.json()).detail).toBe(
    'Cannot answer: this server does not know that method. Use GET or POST.',
  );
});

describe('the metrics port', () => {
  test('takes GET and HEAD of its one address', async () => {
    const app = createMetricsApp(server.deps);
    const responses = await Promise.all(
      ['GET', 'HEAD', 'POST', 'OPTIONS'].map((method) => app.request('/metrics', { method })),
    );
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 405, 204]);
    expect(responses[2].headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect((await app.request('/')).status).toBe(404);
  });
});

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  describe.skipIf(runtime === 'deno' && !requireTool('deno'))(`HEAD on ${runtime}`, () => {
    let process: ServerProcess;
    beforeAll(async () => {
      process = await startServer({ MODEL_DIR: await testModelDirectory() }, command);
      await process.ready();
    });
    afterAll(async () => {
      process.kill('SIGKILL');
      await process.exited;
    });

    /** Status line, headers that say what the body is, and the length of what came. */
    async function responseTo(start: string, headers = '') {
      const socket = connect(Number(new URL(process.url).port), '127.0.0.1');
      let text = '';
      socket.setEncoding('latin1').on('data', (data) => {
        text += data;
      });
      socket.write(`${start}\r\nConnection: close\r\n${headers}\r\n`);
      await once(socket, 'close');
      const end = text.indexOf('\r\n\r\n');
      const lines = text.slice(0, end).toLowerCase().split('\r\n');
      const about = lines.filter((line) => /^(http|content-|allow|location)/.test(line)).toSorted();
      return { about, length: text.length - end - 4 };
    }

    test('says what GET would, and sends no body', async () => {
      const page = await (await fetch(process.url)).text();
      const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
      const paths = ['/', '/model', '/docs', '/batch', '/predict', '/favicon.ico', '/robots.txt', '/nothing'];
      const ours = ['/livez', '/readyz', '/openapi.json', '/api/v1/model', '/api/v1/predict'];
      const theirs = ['/v2', '/v2/health/ready', '/v2/models/savings', '/v2/models/savings/infer', '/v2/x'];
      for (const path of [...paths, ...ours, ...theirs, ...assets]) {
        for (const encoding of ['', 'Accept-Encoding: gzip\r\n']) {
          const headers = `Host: x\r\n${encoding}`;
          const get = await responseTo(`GET ${path} HTTP/1.1`, headers);
          const head = await responseTo(`HEAD ${path} HTTP/1.1`, headers);
          expect(head, path).toEqual({ about: get.about, length: 0 });
          expect(head.about, path).toContain(`content-length: ${get.length}`);
        }
      }
    });

    test('is answered without a Host header too, as HTTP/1.0 allows', async () => {
      const { about, length } = await responseTo('HEAD /robots.txt HTTP/1.0');
      expect(about.at(-1)).toMatch(/^http\/1.[01] 200 ok$/);
      expect([about[0], length]).toEqual(['content-length: 36', 0]);
    });
  });
}
