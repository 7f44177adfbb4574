import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
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

/** Sends raw bytes, then one more piece each second, and resolves with what came back when the server hangs up. */
function answerTo(head: string, piece = ''): Promise<string> {
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
    socket.write(head);
  });
}

describe('a client that does not keep to the rules', () => {
  test('with headers that are too long gets 431', async () => {
    expect(await answerTo(`GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(100_000)}`)).toStartWith(
      'HTTP/1.1 431',
    );
  });

  test('with two lengths gets 400', async () => {
    const head =
      'POST /api/v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await answerTo(`${head}0\r\n\r\n`)).toStartWith('HTTP/1.1 400');
  });

  test.skipIf(!waits)(
    'that sends its headers, or its body, a byte a second is hung up on',
    async () => {
      const json =
        'POST /api/v1/predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n';
      const [headers, body, chunked] = await Promise.all([
        answerTo('GET / HTTP/1.1\r\nHost: x\r\nX-A: ', 'a'),
        answerTo(`${json}Content-Length: 5000\r\n\r\n`, ' '),
        answerTo(`${json}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'),
      ]);
      expect(headers).toBe('');
      for (const text of [body, chunked]) {
        expect(text).toStartWith('HTTP/1.1 408');
        expect(text).toContain('did not come within 30 seconds');
      }
    },
    90_000,
  );
});
