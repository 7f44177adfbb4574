import { afterAll, describe, expect, test } from 'bun:test';
import { createServer } from 'node:net';
import { ask, ProbeCounter, portOf, probe } from '../../../../tools/cluster/agent/probes.ts';
import { freePort } from '../../../support/free-port.ts';

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/slow') await new Promise(() => {});
    return new Response('x', {
      status: Number(pathname.slice(1)) || 200,
      headers: { location: '/elsewhere' },
    });
  },
});
afterAll(() => server.stop(true));

const container = { ports: [{ name: 'http', containerPort: server.port }] };
const httpGet = (path: string) => ({ httpGet: { path, port: 'http' } });

describe('an answer', () => {
  test.each([
    ['/200', true],
    ['/399', true],
    ['/400', false],
    ['/503', false],
  ])('to %s', async (path, ok) => {
    const message = ok ? '' : `HTTP probe failed with statuscode: ${path.slice(1)}`;
    expect(await ask(httpGet(path), container, '127.0.0.1')).toEqual({ ok, message });
  });

  test('that does not come in time', async () => {
    const answer = await ask({ ...httpGet('/slow'), timeoutSeconds: 0.05 }, container, '127.0.0.1');
    expect(answer).toEqual({ ok: false, message: 'context deadline exceeded' });
  });

  test('from nobody', async () => {
    const port = await freePort();
    const refused = { ok: false, message: 'connect: connection refused' };
    expect(await ask({ httpGet: { port } }, container, '127.0.0.1')).toEqual(refused);
    expect(await ask({ tcpSocket: { port } }, container, '127.0.0.1')).toEqual(refused);
  });

  test('is a connection where that is asked for', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    const { port } = listener.address() as { port: number };
    expect(await ask({ tcpSocket: { port } }, container, '127.0.0.1')).toEqual({ ok: true, message: '' });
    listener.close();
  });

  test('from a port that the container does not name', async () => {
    expect(() => portOf('metrics', container)).toThrow('the container has no port named metrics');
  });
});

describe('so many in a row', () => {
  const found = (spec: object, answers: string) => {
    const counter = new ProbeCounter(spec);
    return [...answers]
      .map((answer) => ({ true: '+', false: '-', undefined: '.' })[`${counter.count(answer === 'y')}`])
      .join('');
  };

  test('one success and three failures, where nothing else is said', () => {
    expect(found({}, 'nnnynnyynnnn')).toBe('..-+..++..--');
  });

  test('as the manifest says', () => {
    expect(found({ successThreshold: 2, failureThreshold: 1 }, 'yynyy')).toBe('.+-.+');
  });
});

test('a probe ends when it is told to', async () => {
  const told = new AbortController();
  let asked = 0;
  const asks = async () => {
    if (++asked === 3) told.abort();
    return { ok: false, message: 'no' };
  };
  const failures: string[] = [];
  const found: boolean[] = [];
  await probe(
    { periodSeconds: 0.001, failureThreshold: 2 },
    asks,
    (ok) => found.push(ok),
    (message) => failures.push(message),
    told.signal,
  );
  expect({ asked, found, failures }).toEqual({ asked: 3, found: [false], failures: ['no', 'no'] });
});
