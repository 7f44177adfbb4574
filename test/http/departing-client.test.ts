import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { testApp } from '../support/app.ts';
import { testModelDirectory } from '../support/model.ts';
import { chunk, RawClient } from '../support/raw-client.ts';
import { requireCondition, requireTool } from '../support/require-tool.ts';
import { RUNTIMES, type ServerProcess, startServer } from '../support/server-process.ts';

const waits = requireCondition(
  'silent clients',
  process.env.CI === 'true',
  'with CI=true, since it takes half a minute',
);

const csv = [...sampleCsv(10, 1)].join('');

/** Each route that reads a body, with one that it answers. */
const ROUTES: Record<string, { path: string; type: string; body: string }> = {
  JSON: { path: '/api/v1/predict', type: 'application/json', body: '{"inputs": {}}'.padEnd(600) },
  V2: { path: '/v2/models/savings/infer', type: 'application/json', body: '{"inputs": []}'.padEnd(600) },
  'the form': {
    path: '/predict',
    type: 'application/x-www-form-urlencoded',
    body: 'income='.padEnd(600, '1'),
  },
  'a CSV': { path: '/batch', type: 'text/csv', body: csv },
  'a CSV in a form': {
    path: '/batch',
    type: 'multipart/form-data; boundary=b',
    body: `--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${csv}\r\n--b--\r\n`,
  },
};

const LENGTHS = ['Content-Length', 'Transfer-Encoding'] as const;

/** How a connection ends, or what is on it ceases to be HTTP. */
const WAYS = {
  'closes the connection': (client: RawClient) => client.socket.destroy(),
  'resets the connection': (client: RawClient) => client.socket.resetAndDestroy(),
  'closes its half of the connection': (client: RawClient) => client.socket.end(),
  'sends no HTTP any more': (client: RawClient) => client.socket.write('no chunk\r\n'),
} as const;

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  describe.skipIf(runtime === 'deno' && !requireTool('deno'))(`a client that leaves, on ${runtime}`, () => {
    let server: ServerProcess;
    beforeAll(async () => {
      const MODEL_DIR = await testModelDirectory();
      server = await startServer({ MODEL_DIR, LOG_LEVEL: 'debug', MAX_BODY_BYTES: '4096' }, command);
      await server.ready();
    });
    afterAll(async () => {
      server.kill('SIGKILL');
      await server.exited;
    });

    let requests = 0;
    /** Sends the headers and a part of the body; the log's line of it has the same id. */
    async function begin(
      { path, type, body }: (typeof ROUTES)[string],
      length: (typeof LENGTHS)[number],
      part: number,
    ) {
      const id = `departing-${++requests}`;
      const client = new RawClient(server.url);
      const sent = body.slice(0, part);
      const last = part >= body.length ? '0\r\n\r\n' : '';
      const [framing, data] =
        length === 'Content-Length'
          ? [Buffer.byteLength(body), sent]
          : ['chunked', `${sent && chunk(sent)}${last}`];
      await client.send(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\nContent-Type: ${type}\r\n${length}: ${framing}\r\n\r\n${data}`,
      );
      return { id, client };
    }

    const lineOf = (id: string) => server.log.find(({ requestId }) => requestId === id);
    /** Undefined when the server has seen nothing of the request: a reset can overtake it. */
    async function lineWithin(id: string, ms: number) {
      for (let waited = 0; waited < ms && lineOf(id) === undefined; waited += 20) await sleep(20);
      return lineOf(id);
    }

    const errors = () => server.log.filter(({ level }) => level === 'error' || level === 'warn');
    const counted = async (status: string) =>
      [
        ...(await (await fetch(server.metricsUrl)).text()).matchAll(
          /^savings_http_requests_total\{(.*)\} (\d+)$/gm,
        ),
      ]
        .filter(([, labels]) => labels.includes('method="POST"') && labels.includes(`status="${status}`))
        .reduce((sum, [, , count]) => sum + Number(count), 0);

    const whileSending = Object.entries(ROUTES).flatMap(([name, route]) =>
      LENGTHS.map((length) => [name, length, route] as const),
    );
    test.each(whileSending)('while it sends %s with %s is a 499 at debug', async (_, length, route) => {
      const before = await counted('499');
      // What is not HTTP shows only in chunks.
      const ways = Object.values(WAYS).slice(0, length === 'Transfer-Encoding' ? 4 : 3);
      const cases = ways.flatMap((leave) => [0, 300].map((part) => ({ leave, part })));
      const seen = await Promise.all(
        cases.map(async ({ leave, part }) => {
          for (;;) {
            const { id, client } = await begin(route, length, part);
            await sleep(100);
            leave(client);
            const line = await lineWithin(id, 5_000);
            client.socket.destroy();
            if (line !== undefined) return { status: line.status, level: line.level };
          }
        }),
      );
      expect(seen).toEqual(cases.map(() => ({ status: 499, level: 'debug' })));
      expect(await counted('499')).toBe(before + cases.length);
      expect(errors()).toEqual([]);
    });

    test.each(Object.entries(ROUTES))(
      'once it has sent all of %s makes no failure of it',
      async (_, route) => {
        for (const length of LENGTHS) {
          for (const leave of Object.values(WAYS)) {
            const { id, client } = await begin(route, length, route.body.length);
            leave(client);
            const line = await lineWithin(id, 1_000);
            client.socket.destroy();
            if (line !== undefined) expect(line.status).toBeLessThan(500);
          }
        }
        expect(errors()).toEqual([]);
      },
    );

    test.each(Object.entries(WAYS))(
      'while a batch is streamed and %s: stopped, and no error',
      async (_, leave) => {
        const batches = () => server.log.filter(({ message }) => message === 'batch');
        const before = batches().length;
        const { path, type } = ROUTES['a CSV'];
        const { client } = await begin({ path, type, body: `${csv} ` }, 'Transfer-Encoding', csv.length);
        while (!client.text.includes('\n2') && !client.text.includes('200 OK')) await sleep(20);
        leave(client);
        while (batches().length === before) await sleep(20);
        client.socket.destroy();
        expect(batches().at(-1)).toMatchObject({ level: 'info', how: 'stopped' });
        expect(errors()).toEqual([]);
      },
    );

    // A streamed CSV's own bound is test/http/batch/'s.
    test.each(Object.entries(ROUTES).filter(([name]) => name !== 'a CSV'))(
      'that sends too much of %s gets 413',
      async (_, { path, type, body }) => {
        const large = { path, type, body: body.padEnd(5_000) };
        for (const length of LENGTHS) {
          const { id, client } = await begin(large, length, 5_000);
          const line = await lineWithin(id, 5_000);
          client.socket.destroy();
          expect(line).toMatchObject({ status: 413, level: 'info' });
        }
        expect(errors()).toEqual([]);
      },
    );

    test.skipIf(!waits)(
      'that falls silent gets 408',
      async () => {
        const seen = await Promise.all(
          Object.values(ROUTES).flatMap((route) =>
            LENGTHS.map(async (length) => {
              const { id, client } = await begin(route, length, 10);
              // A byte now and then, so that the runtime does not take the connection for an idle one.
              const drip = setInterval(
                () =>
                  route.path !== '/batch' &&
                  client.socket.write(length === 'Content-Length' ? ' ' : chunk(' ')),
                1_000,
              );
              const line = await lineWithin(id, 60_000);
              clearInterval(drip);
              client.socket.destroy();
              return { route: line?.route, status: line?.status, level: line?.level };
            }),
          ),
        );
        expect(seen).toEqual(
          Object.values(ROUTES).flatMap(({ path: route }) =>
            LENGTHS.map(() => ({ route: route.replace('savings', ':name'), status: 408, level: 'info' })),
          ),
        );
        expect(errors()).toEqual([]);
      },
      90_000,
    );

    test('has made no 5xx in all of this', async () => {
      expect(await counted('5')).toBe(0);
      expect(await counted('499')).toBeGreaterThan(0);
    });
  });
}

describe('a body that cannot be read', () => {
  const failing = (error: unknown) =>
    new Request('http://x/api/v1/predict', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new ReadableStream({ pull: (controller) => controller.error(error) }),
    });

  test('because the connection ended is the client’s doing, and takes no time of ours', async () => {
    const { app, deps, lines } = await testApp();
    const response = await app.request(failing(new DOMException('The connection was closed.', 'AbortError')));
    expect(response.status).toBe(499);
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['debug']);
    expect(await deps.metrics.registry.metrics()).toContain(
      'savings_http_request_duration_seconds_count{method="POST",route="/api/v1/predict"} 0',
    );
  });

  test('because we asked wrongly is a defect', async () => {
    const { app, lines } = await testApp();
    const response = await app.request(failing(new TypeError('Body is already used.')));
    expect(response.status).toBe(500);
    expect(JSON.parse(lines[0])).toMatchObject({ level: 'error', message: 'defect', name: 'TypeError' });
  });
});
