import { beforeAll, describe, expect, test } from 'bun:test';
import { HOUSEHOLD, testApp } from '../support/app.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

const get = (path: string, headers: Record<string, string> = {}) => server.app.request(path, { headers });
const lastLine = () => JSON.parse(server.lines.at(-1)!);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a request’s line in the log', () => {
  test('says which route answered what, how fast, and with which model', async () => {
    await server.postJson({ inputs: HOUSEHOLD });
    expect(lastLine()).toEqual({
      time: expect.any(String),
      level: 'info',
      message: 'request',
      requestId: expect.stringMatching(UUID),
      method: 'POST',
      route: '/api/v1/predict',
      status: 200,
      ms: expect.any(Number),
      model: 'test-1',
    });
  });

  test.each([
    ['/assets/app.0000000000.css', '/assets/:name', 404],
    ['/predict', '/predict', 303],
    ['/api/v1/predict', '/api/v1/predict', 405],
    ['/a/path/that/is/a/secret?and=more', 'none', 404],
  ])('gives the pattern of %s, never the path', async (path, route, status) => {
    await get(path);
    expect(lastLine()).toMatchObject({ route, status });
    expect(server.lines.at(-1)).not.toContain('secret');
  });

  test('is not written for a probe that succeeds', async () => {
    const before = server.lines.length;
    await get('/livez');
    await get('/readyz');
    expect(server.lines.length).toBe(before);
  });
});

describe('x-request-id', () => {
  test('goes back as it came, and into the log', async () => {
    const response = await get('/', { 'x-request-id': 'Root=1-67891233-abcdef012345678912345678' });
    expect(response.headers.get('x-request-id')).toBe('Root=1-67891233-abcdef012345678912345678');
    expect(lastLine().requestId).toBe('Root=1-67891233-abcdef012345678912345678');
  });

  test.each([[''], ['a b'], ['{"inputs":{"income":60000}}'], ['x'.repeat(129)], ['é']])(
    'is replaced when it is %j',
    async (given) => {
      const response = await get('/', { 'x-request-id': given });
      expect(response.headers.get('x-request-id')).toMatch(UUID);
      expect(lastLine().requestId).toBe(response.headers.get('x-request-id'));
    },
  );

  test('and what else is of one request is not on the next', async () => {
    const body = JSON.stringify({ inputs: HOUSEHOLD });
    const post = (headers: Record<string, string>) =>
      server.app.request('/api/v1/predict', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    // Both are answered before either's headers are looked at.
    const [traced, plain] = await Promise.all([
      post({ 'x-request-id': 'one', traceparent: trace }),
      post({}),
    ]);
    expect(traced.headers.get('x-request-id')).toBe('one');
    expect(plain.headers.get('x-request-id')).toMatch(UUID);
    expect([traced.headers.has('traceparent'), plain.headers.has('traceparent')]).toEqual([true, false]);
  });

  test('is there on every response, a failure’s too', async () => {
    const responses = [await get('/nothing'), await get('/livez'), await server.postJson('{')];
    for (const { headers } of responses) expect(headers.get('x-request-id')).toMatch(UUID);
  });
});

describe('traceparent', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

  test('goes back with the caller’s trace and a span of ours, which are in the log', async () => {
    const response = await get('/', { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
    const [version, trace, span, flags] = response.headers.get('traceparent')!.split('-');
    expect([version, trace, flags]).toEqual(['00', TRACE, '01']);
    expect(span).toMatch(/^[0-9a-f]{16}$/);
    expect(span).not.toBe('00f067aa0ba902b7');
    expect(lastLine()).toMatchObject({ traceId: TRACE, spanId: span });
  });

  test('of a later version is understood as far as we can', async () => {
    const response = await get('/', {
      traceparent: `cc-${TRACE}-00f067aa0ba902b7-02-what-the-future-brings`,
    });
    expect(response.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  });

  test.each([
    ['', 'empty'],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, 'a trace of zeros'],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, 'a parent of zeros'],
    [`ff-${TRACE}-00f067aa0ba902b7-01`, 'version ff'],
    [`00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`, 'upper case'],
    [`00-${TRACE}-00f067aa0ba902b7-01-more`, 'a version 00 that is too long'],
    [`00-${TRACE}-00f067aa0ba902b7`, 'cut short'],
  ])('%j is ignored: %s', async (traceparent) => {
    const response = await get('/', { traceparent });
    expect(response.headers.get('traceparent')).toBeNull();
    expect(lastLine().traceId).toBeUndefined();
  });
});
