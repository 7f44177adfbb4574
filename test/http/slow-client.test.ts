import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { testModelDirectory } from '../support/model.ts';
import { requireCondition } from '../support/require-tool.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

const waits = requireCondition(
  'slow clients',
  process.env.CI === 'true',
  'with CI=true, since it takes half a minute',
);

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer({ MODEL_DIR: await testModelDirectory() });
  await server.ready();
});
afterAll(async () => {
  server.kill('SIGKILL');
  await server.exited;
});

function mostResidentMb(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
}

/** Sends raw bytes, then one more piece each second, and resolves with what came back when the server hangs up. */
function responseTo(head: string, piece = ''): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let text = '';
    const timer = setInterval(() => piece && socket.write(piece), 1_000);
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve(text);
    });
    socket.write(head, 'latin1');
  });
}

describe('a client that does not keep to the rules', () => {
  test('with headers that are too long gets 431', async () => {
    expect(await responseTo(`GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(100_000)}`)).toStartWith(
      'HTTP/1.1 431',
    );
  });

  test('with two lengths gets 400', async () => {
    const head =
      'POST /api/v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await responseTo(`${head}0\r\n\r\n`)).toStartWith('HTTP/1.1 400');
  });

  test.each([
    ['/livez', '405'],
    ['/api/v1/predict', '413'],
    ['/predict', '415'],
    ['/v2/models/savings/infer', '413'],
  ])('with 300 MB for POST %s gets %s, and nothing of it is kept', async (path, status) => {
    const before = mostResidentMb();
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = Buffer.from(`100000\r\n${' '.repeat(0x100000)}\r\n`);
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const response = new Promise((resolve) =>
      socket.once('data', (data) => resolve(data.toString('latin1'))),
    );
    // The server may hang up before it has all.
    await pipeline(Readable.from([head, ...Array(300).fill(chunk)]), socket).catch(() => {});
    expect(await response).toStartWith(`HTTP/1.1 ${status}`);
    expect(mostResidentMb() - before).toBeLessThan(60);
  });

  test.skipIf(!waits)(
    'that sends its headers, or its body, a byte a second is hung up on',
    async () => {
      const json =
        'POST /api/v1/predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n';
      // A gzip whose header holds a file's name without end: nothing ever comes out of it.
      const gzip = `${json}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\na\r\n\x1f\x8b\x08\x08${'\0'.repeat(6)}\r\n`;
      const [headers, body, chunked, compressed] = await Promise.all([
        responseTo('GET / HTTP/1.1\r\nHost: x\r\nX-A: ', 'a'),
        responseTo(`${json}Content-Length: 5000\r\n\r\n`, ' '),
        responseTo(`${json}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'),
        responseTo(gzip, '1\r\na\r\n'),
      ]);
      expect(headers).toBe('');
      for (const text of [body, chunked, compressed]) {
        expect(text).toStartWith('HTTP/1.1 408');
        expect(text).toContain('did not come within 30 seconds');
      }
    },
    90_000,
  );
});
