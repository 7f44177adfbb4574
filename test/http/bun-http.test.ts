/**
 * What Bun itself makes of requests that are not as they should be, before any code of ours sees them. docs/security.md
 * says the same to whoever puts a proxy in front: when a new Bun fails here, correct both.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testModelDirectory } from '../support/model.ts';
import { chunk, RawClient } from '../support/raw-client.ts';
import { ROOT, type ServerProcess, startServer } from '../support/server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer({ MODEL_DIR: await testModelDirectory() });
  await server.ready();
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
});

const get = (target: string, headers = 'Host: x\r\n') => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
const post = (headers: string, body: string) =>
  `POST /api/v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked\r\n', body);

/** `{}` is a body that the API refuses with 400; a second request then shows where the server saw the end of the first. */
const EMPTY = `${chunk('{}')}0\r\n\r\n`;

// The status of each response before the last, which is to a request that follows on the same connection; `closed` when
// that request got none.
const CASES: [what: string, request: string, wanted: string][] = [
  ['two Host headers', get('/livez', 'Host: a\r\nHost: b\r\n'), '200'],
  ['no Host header', get('/livez', ''), '400 closed'],
  ['a Host that is no host', get('/livez', 'Host: a b\r\n'), '200'],
  ['an address in full', get('http://other/livez'), '200'],
  ['a path with dots', get('/nothing/../livez'), '200'],
  ['an upgrade', get('/livez', 'Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n'), '200'],
  ['a body that no route reads', `${get('/livez', 'Host: x\r\nContent-Length: 5\r\n')}hello`, '200'],

  ['a length and chunks', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', EMPTY), '400 closed'],
  ['chunks and a length', post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', EMPTY), '400 closed'],
  ['two lengths', post('Content-Length: 2\r\nContent-Length: 3\r\n', '{}'), '400 closed'],
  ['the same length twice', post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}'), '400'],
  ['a list of lengths', post('Content-Length: 2, 2\r\n', '{}'), '400 closed'],
  ['a signed length', post('Content-Length: +2\r\n', '{}'), '400 closed'],
  ['a length beyond 64 bits', post('Content-Length: 99999999999999999999\r\n', '{}'), '400 closed'],
  ['another transfer coding', post('Transfer-Encoding: gzip, chunked\r\n', EMPTY), '400 closed'],
  ['a coding after chunked', post('Transfer-Encoding: chunked, identity\r\n', EMPTY), '400 closed'],
  ['a space before a colon', post('Transfer-Encoding : chunked\r\n', EMPTY), '400 closed'],

  ['a trailer', chunked(`${chunk('{}')}0\r\nX-Trailer: 1\r\n\r\n`), '400 400 closed'],
  ['an extension of a chunk', chunked('2;a=b\r\n{}\r\n0\r\n\r\n'), '400'],
  ['a chunk size with LF alone', chunked('2\n{}\r\n0\r\n\r\n'), '400 closed'],
  ['a chunk without its line end', chunked('2\r\n{}0\r\n\r\n'), '400 closed'],
  ['a chunk size with 0x', chunked('0x2\r\n{}\r\n0\r\n\r\n'), '400 closed'],
  ['a chunk size beyond 64 bits', chunked('10000000000000002\r\n{}\r\n0\r\n\r\n'), '400 closed'],

  ['a header ended by LF alone', get('/livez', 'Host: x\nX-A: 1\r\n'), '400 closed'],
  ['a folded header', get('/livez', 'Host: x\r\nX-A: 1\r\n 2\r\n'), '400 closed'],
  ['a header with NUL', get('/livez', 'Host: x\r\nX-A: \0\r\n'), '400 closed'],
  ['a header without a colon', get('/livez', 'Host: x\r\nX-A\r\n'), '400 closed'],
  ['another version of HTTP', 'GET /livez HTTP/2.0\r\nHost: x\r\n\r\n', '505 closed'],
  ['a method that nobody knows', 'BREW /livez HTTP/1.1\r\nHost: x\r\n\r\n', 'closed'],
];

test.each(CASES)('%s', async (_, request, wanted) => {
  const client = new RawClient(server.url);
  await client.send(`${request}${get('/livez?after', 'Host: x\r\nConnection: close\r\n')}`);
  const statuses = [...(await client.response()).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  if (!wanted.endsWith('closed')) expect(statuses.pop()).toBe('200');
  expect(statuses).toEqual(wanted.split(' ').filter((word) => word !== 'closed'));
});

test('is what docs/security.md says of this very version', () => {
  expect(readFileSync(join(ROOT, 'docs/security.md'), 'utf8')).toContain(`Bun ${Bun.version}`);
});
