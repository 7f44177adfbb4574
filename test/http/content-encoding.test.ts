import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { HOUSEHOLD, HOUSEHOLD_TEXT, testApp } from '../support/app.ts';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { RUNTIMES, type ServerProcess, startServer } from '../support/server-process.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const csv = [...sampleCsv(40, 3)].join('');
const tensors = Object.entries(HOUSEHOLD).map(([name, value]) => {
  return { name, shape: [1], datatype: 'FP64', data: [value] };
});
const form = `--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${csv}\r\n--x--\r\n`;

/** Every route that reads a body. */
const ROUTES: [path: string, type: string, body: string][] = [
  ['/api/v1/predict', 'application/json', JSON.stringify({ inputs: HOUSEHOLD })],
  ['/v2/models/savings/infer', 'application/json', JSON.stringify({ inputs: tensors })],
  ['/predict', 'application/x-www-form-urlencoded', new URLSearchParams(HOUSEHOLD_TEXT).toString()],
  ['/batch', 'text/csv', csv],
  ['/batch', 'multipart/form-data; boundary=x', form],
];

async function post(path: string, type: string, coding: string | undefined, body: string | Uint8Array) {
  const encoding = coding === undefined ? {} : { 'content-encoding': coding };
  const response = await server.app.request(path, {
    method: 'POST',
    headers: { 'content-type': type, ...encoding },
    body: new Uint8Array(Buffer.from(body)),
  });
  // What fails in the middle of a batch is cut.
  const text = await response.text().catch((error) => `${error.message}`);
  return { status: response.status, headers: response.headers, text };
}

describe.each(ROUTES)('POST %s as %s', (path, type, body) => {
  const half = Math.floor(body.length / 2);

  test.each<[string, string, Uint8Array]>([
    ['gzip', 'gzip', gzipSync(body)],
    ['gzip by another name', ' X-GZip', gzipSync(body)],
    ['gzip in two members', 'gzip', concat(gzipSync(body.slice(0, half)), gzipSync(body.slice(half)))],
    ['deflate', 'deflate', deflateSync(body)],
    ['deflate, not compressed', 'deflate', deflateSync(body, { level: 0 })],
    ['deflate without the format around it', 'Deflate', deflateRawSync(body)],
    ['identity', 'identity', Buffer.from(body)],
  ])('takes %s as it takes what is not compressed', async (_, coding, bytes) => {
    const plain = await post(path, type, undefined, body);
    expect(plain.status).toBe(200);
    expect(await post(path, type, coding, bytes)).toMatchObject({ status: 200, text: plain.text });
  });

  test.each(['br', 'zstd', 'compress', 'gzip, gzip', 'identity, gzip', 'x'])(
    'refuses %s by the name of the header, and says what it takes',
    async (coding) => {
      const { status, headers, text } = await post(path, type, coding, body);
      expect(status).toBe(415);
      expect(headers.get('accept-encoding')).toBe('gzip, deflate');
      expect(text).toContain('its Content-Encoding must be gzip or deflate');
    },
  );

  test.each<[string, string, Uint8Array, string]>([
    ['gzip that is cut', 'gzip', gzipSync(body).subarray(0, -4), 'it ends before its gzip does'],
    ['deflate that is cut', 'deflate', deflateSync(body).subarray(0, -4), 'it ends before its deflate does'],
    ['what is not compressed', 'gzip', Buffer.from(body), 'it is not gzip from its first byte'],
    ['gzip and more', 'gzip', concat(gzipSync(body), Buffer.from('more')), 'to its last'],
    ['gzip and zeros', 'gzip', concat(gzipSync(body), new Uint8Array(9)), 'to its last'],
    ['deflate and more', 'deflate', concat(deflateSync(body), Buffer.from('more')), 'to its last'],
  ])('refuses %s with 400', async (_, coding, bytes, why) => {
    const { status, text } = await post(path, type, coding, bytes);
    if (type === 'text/csv' && status === 200) {
      // The response had begun.
      expect(text).toContain('The response was cut.');
      expect(server.lines.at(-1)).toContain(why);
      return;
    }
    expect(status).toBe(400);
    expect(text).toContain(why);
  });

  test('holds its bound on what comes out', async () => {
    // A line of a CSV has a bound of its own.
    const blank = type === 'text/csv' ? '\n' : ' ';
    const { status, text } = await post(path, type, 'gzip', gzipSync(Buffer.alloc(2_000_000, blank)));
    expect(status).toBe(413);
    expect(text).toContain(`over ${type === 'text/csv' ? 1_048_576 : 65_536} bytes`);
  });
});

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  describe.skipIf(runtime === 'deno' && !requireTool('deno'))(`compressed bodies on ${runtime}`, () => {
    let process: ServerProcess;
    beforeAll(async () => {
      const MODEL_DIR = await testModelDirectory();
      process = await startServer({ MODEL_DIR, MAX_UPLOAD_BYTES: '33554432' }, command);
      await process.ready();
    });
    afterAll(async () => {
      process.kill('SIGKILL');
      await process.exited;
    });

    const mostResidentMb = () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${process.pid}/status`, 'utf8'))![1]) / 1024;

    /** Sends it whole while it reads, and resolves with all that came back. */
    const send = (path: string, type: string, bytes: Uint8Array) =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(new URL(process.url).port), '127.0.0.1');
        let text = '';
        socket.on('data', (data) => {
          text += data.toString('latin1');
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve(text));
        socket.write(
          `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\n` +
            `Content-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`,
        );
        socket.write(bytes);
      });

    // 16 MiB of it take 16 KiB.
    const bomb = (of: string, before = '') =>
      concat(gzipSync(before), ...Array(60).fill(gzipSync(Buffer.alloc(16_777_216, of), { level: 9 })));

    test.each([
      ['/api/v1/predict', 'application/json', bomb(' '), '413'],
      ['/v2/models/savings/infer', 'application/json', bomb(' '), '413'],
      ['/predict', 'application/x-www-form-urlencoded', bomb('a'), '413'],
      ['/batch', 'text/csv', bomb('a'), '400'],
      ['/batch', 'text/csv', bomb('\n'), '413'],
      ['/batch', 'text/csv', bomb('\r\n'), '413'],
      ['/batch', 'text/csv', bomb('\n', csv), '200'],
    ])('a bomb for %s of %s takes no memory', async (path, type, bytes, status) => {
      expect(bytes.length).toBeLessThan(1_048_576);
      const before = mostResidentMb();
      const responses = await Promise.all([1, 2, 3].map(() => send(path, type, bytes)));
      for (const response of responses) {
        expect(response).toStartWith(`HTTP/1.1 ${status}`);
        if (status === '200') expect(response).not.toEndWith('\r\n0\r\n\r\n');
      }
      // Three times a gigabyte was sent.
      expect(mostResidentMb() - before).toBeLessThan(200);
    });

    test('a long CSV is answered whole', async () => {
      const rows = 20_000;
      const response = await send('/batch', 'text/csv', gzipSync([...sampleCsv(rows, 4)].join('')));
      expect(response).toEndWith('\r\n0\r\n\r\n');
      // This leaves out what frames its chunks.
      const text = response.replaceAll(/\r\n[0-9a-f]+\r\n/g, '');
      expect(text.match(/\d\.\d\d,\n/g)).toHaveLength(rows);
    });
  });
}
