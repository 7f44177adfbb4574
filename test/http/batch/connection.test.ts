import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { testModelDirectory } from '../../support/model.ts';
import { requireTool } from '../../support/require-tool.ts';
import { RUNTIMES, type ServerProcess, startServer } from '../../support/server-process.ts';

const [header = '', ...rows] = [...sampleCsv(2_000, 9)].join('').trimEnd().split('\n');
const block = `${rows.join('\n')}\n`;

/** Sends a chunked POST by hand, so that the test decides when what is sent, and sees how the response ends. */
class Client {
  text = '';
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  constructor(url: string) {
    this.#socket = connect(Number(new URL(url).port), '127.0.0.1');
    this.#socket.on('data', (data) => {
      this.text += data.toString('latin1');
    });
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.#socket.on('close', () => resolve()));
    this.#socket.write(
      'POST /batch HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
  }

  /** Resolves when the other side takes more. */
  async send(text: string): Promise<void> {
    const chunk = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
    await new Promise<void>((resolve) => this.#socket.write(chunk, () => resolve()));
  }

  end(): void {
    this.#socket.write('0\r\n\r\n');
  }

  pause(): void {
    this.#socket.pause();
  }

  stop(): void {
    this.#socket.resetAndDestroy();
  }

  /** Whether the response has come to the end of its chunked encoding. */
  get whole(): boolean {
    return this.text.endsWith('\r\n0\r\n\r\n');
  }

  async until(check: (text: string) => boolean): Promise<void> {
    for (let i = 0; i < 500 && !check(this.text); i++) await sleep(20);
    if (!check(this.text)) throw new Error(`It has not come. So far:\n${this.text.slice(0, 2_000)}`);
  }
}

const rss = async (server: ServerProcess) => {
  const text = await (await fetch(server.metricsUrl)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
};

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  describe.skipIf(runtime === 'deno' && !requireTool('deno'))(
    `POST /batch over a connection, on ${runtime}`,
    () => {
      let server: ServerProcess;
      beforeAll(async () => {
        const MODEL_DIR = await testModelDirectory();
        server = await startServer({ MODEL_DIR, MAX_BATCH_ROWS: '50000' }, command);
        await server.ready();
      });
      afterAll(async () => {
        server.kill('SIGKILL');
        await server.exited;
      });
      const batches = () => server.log.filter(({ message }) => message === 'batch');
      let seen = 0;
      /** The log's line of the batch that this test made. */
      const nextBatch = async () => {
        for (let i = 0; i < 500 && batches().length === seen; i++) await sleep(20);
        return batches()[seen++];
      };

      test('answers the first rows before the last are sent, and ends as whole', async () => {
        const client = new Client(server.url);
        await client.send(`${header}\n${rows[0]}\n`);
        await client.until((text) => text.includes(rows[0]));
        await client.send(`${rows[1]}\n`);
        client.end();
        await client.until((text) => text.includes(rows[1]));
        await client.until(() => client.whole);
        client.stop();
        expect(await nextBatch()).toMatchObject({ how: 'whole', rows: 2, badRows: 0 });
      });

      test('cuts the connection at the row that is too many', async () => {
        const client = new Client(server.url);
        await client.send(`${header}\n`);
        for (let i = 0; i < 26; i++) await client.send(block);
        client.end();
        await client.closed;
        expect(client.text).toContain('200 OK');
        expect(client.text.length).toBeGreaterThan(1_000_000);
        expect(client.whole).toBeFalse();
        expect(await nextBatch()).toMatchObject({ how: 'broken', rows: 50_000 });
      });

      test('stops its work when the client goes', async () => {
        const client = new Client(server.url);
        await client.send(`${header}\n${block}`);
        await client.until((text) => text.includes(rows[100]));
        client.stop();
        const batch = await nextBatch();
        expect(batch?.how).toMatch(/^(stopped|broken)$/);
        expect(batch?.rows as number).toBeLessThanOrEqual(2_000);
      });

      test('makes no rows that the client does not read, and holds few', async () => {
        const client = new Client(server.url);
        const memory = await rss(server);
        await client.send(`${header}\n`);
        client.pause();
        // Far more than sockets hold; it must come to a stand.
        let sent = 0;
        const sending = (async () => {
          for (; sent < 24; sent++) await client.send(block);
        })();
        await Promise.race([sending, sleep(1_500)]);
        expect(batches().length).toBe(seen);
        expect((await rss(server)) - memory).toBeLessThan(100e6);
        // Bun may tell only after the idle time that a client has gone that did not read.
        client.stop();
      });
    },
  );
}
