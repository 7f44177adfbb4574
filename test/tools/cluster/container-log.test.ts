import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container } from '../../../tools/cluster/agent/container.ts';
import { sendLog } from '../../../tools/cluster/container-log.ts';

describe('the log of a container', () => {
  const folder = mkdtempSync(join(tmpdir(), 'savings-log-'));
  const log = join(folder, 'log');
  let container: Partial<Container> | undefined = { log, pid: 1 };
  let server: Server;

  beforeAll(async () => {
    writeFileSync(log, 'one\ntwo\nthree\n');
    server = createServer((request, response) => {
      const { searchParams } = new URL(request.url!, 'http://node');
      sendLog(() => container as Container, searchParams, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const ask = (query: string) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?${query}`);
  const text = async (query: string) => (await ask(query)).text();

  test('is sent whole, from its end, or up to a size', async () => {
    expect(await text('')).toBe('one\ntwo\nthree\n');
    expect(await text('tailLines=0')).toBe('');
    expect(await text('tailLines=1')).toBe('three\n');
    expect(await text('tailLines=2')).toBe('two\nthree\n');
    expect(await text('tailLines=9')).toBe('one\ntwo\nthree\n');
    expect(await text('limitBytes=5')).toBe('one\nt');
    expect(await text('tailLines=2&limitBytes=4')).toBe('two\n');
  });

  test('of the run before is another, if there was one', async () => {
    expect((await ask('previous=true')).status).toBe(400);
    container!.previousLog = join(folder, 'previous');
    writeFileSync(container!.previousLog, 'before');
    expect(await text('previous=true')).toBe('before');
  });

  test('is not asked by time, which nobody keeps', async () => {
    const { status } = await ask('sinceSeconds=60');
    expect(status).toBe(400);
  });

  test('is followed until the container ends', async () => {
    const utf8 = new TextDecoder();
    const { body } = await ask('follow=true&tailLines=1');
    const reader = body!.getReader();
    expect(utf8.decode((await reader.read()).value)).toBe('three\n');
    appendFileSync(log, 'four\n');
    expect(utf8.decode((await reader.read()).value)).toBe('four\n');
    appendFileSync(log, 'five\n');
    container = undefined;
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read())
      rest += utf8.decode(part.value);
    expect(rest).toBe('five\n');
  });
});
