import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { HOUSEHOLD } from '../support/app.ts';
import { freePort } from '../support/free-port.ts';
import { select, textOf } from '../support/html.ts';
import { testModelDirectory } from '../support/model.ts';
import { ROOT, RUNTIMES, type ServerProcess, startServer } from '../support/server-process.ts';

let MODEL_DIR: string;
beforeAll(async () => {
  MODEL_DIR = await testModelDirectory();
});

const started: ServerProcess[] = [];
async function start(environment: Record<string, string> = {}) {
  const server = await startServer({ MODEL_DIR, ...environment });
  started.push(server);
  return server;
}
afterAll(() => {
  for (const server of started) server.kill('SIGKILL');
});

/** A prediction whose body is held back until `finish` is called, so that it is in flight for as long as wanted. */
function slowPrediction(url: string) {
  let finish = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const [first, last] = [
        JSON.stringify({ inputs: HOUSEHOLD }).slice(0, 40),
        JSON.stringify({ inputs: HOUSEHOLD }).slice(40),
      ];
      controller.enqueue(new TextEncoder().encode(first));
      finish = () => {
        controller.enqueue(new TextEncoder().encode(last));
        controller.close();
      };
    },
  });
  const response = fetch(`${url}/api/v1/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
  } as RequestInit);
  return { response, finish: () => finish() };
}

describe('savings serve', () => {
  test('says where to open it once it can predict', async () => {
    const server = await start();
    await server.logged(`ready: open http://localhost:${new URL(server.url).port}`);
    expect((await fetch(server.url)).status).toBe(200);
    expect((await fetch(server.metricsUrl)).status).toBe(200);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  });

  test('tells a household that overspends where to turn, and no other, where the deployment says so', async () => {
    const HELP_LINE = 'Free advice on debts: 1800 000 000 <every day>.';
    const HELP_LINK = 'https://advice.example/debts?from=savings&lang=en';
    const told = await start({ HELP_LINE, HELP_LINK });
    const silent = await start();
    const page = async (url: string, rent: number) => {
      const fields = Object.entries({ ...HOUSEHOLD, rent }).map(([name, value]) => [name, String(value)]);
      return await (
        await fetch(`${url}/predict`, { method: 'POST', body: new URLSearchParams(fields) })
      ).text();
    };
    await told.logged('ready');
    const html = await page(told.url, 90_000);
    expect(textOf(html, '.help-line')).toBe(`${HELP_LINE} advice.example`);
    expect(textOf(html, '.tips')).toContain(HELP_LINE);
    expect(select(html, '.help-line a')[0].attributes).toEqual({ href: HELP_LINK, rel: 'noreferrer' });
    expect(await page(told.url, 10_000)).not.toContain('1800 000 000');
    await silent.logged('ready');
    expect(await page(silent.url, 90_000)).not.toMatch(/help-line|Where to turn/);
    for (const server of [told, silent]) server.kill('SIGKILL');
  });

  test('one message names every bad setting, and nothing is started', () => {
    const [program, ...args] = RUNTIMES.bun!;
    const run = Bun.spawnSync([program!, ...args], {
      cwd: ROOT,
      env: { PORT: 'x', LOG_LEVEL: 'x', PATH: process.env.PATH },
    });
    expect(run.exitCode).toBe(2);
    const told = run.stderr.toString();
    expect(told.trim().split('\n')).toEqual([expect.any(String), "See 'savings serve --help'."]);
    expect(told).toContain('PORT must');
    expect(told).toContain('LOG_LEVEL must');
  });

  test('a MODEL_DIR that cannot be written is named before anything is trained', () => {
    const [program, ...args] = RUNTIMES.bun!;
    const run = Bun.spawnSync([program!, ...args], {
      cwd: ROOT,
      env: { PORT: '0', METRICS_PORT: '0', MODEL_DIR: '/proc/models', PATH: process.env.PATH },
    });
    expect(run.exitCode).toBe(1);
    expect(run.stderr.toString()).toContain('not write /proc/models');
    expect(run.stderr.toString()).not.toContain('training');
  });

  test('a folder for uploads that cannot be written is named at the start, and all else goes on', async () => {
    const server = await start({ UPLOAD_SPILL_DIR: `${MODEL_DIR}/nowhere` });
    await server.logged('uploads cannot wait on disk');
    await server.ready();
    const none = await start({ UPLOAD_SPILL_DIR: `${MODEL_DIR}/nowhere`, UPLOAD_SPILL_BYTES: '0' });
    await none.ready();
    expect(none.log.some(({ message }) => message.includes('on disk'))).toBeFalse();
  });

  test('it may be started from any directory', () => {
    const [program, ...args] = RUNTIMES.bun!;
    const run = Bun.spawnSync([program!, ...args, '--help'], { cwd: '/', env: { PATH: process.env.PATH } });
    expect(run.exitCode).toBe(0);
  });

  test('SIGTERM: unready at once, still serving, what is in flight is answered, exit 0', async () => {
    const server = await start({ SHUTDOWN_GRACE_SECONDS: '8' });
    await server.ready();
    const slow = slowPrediction(server.url);
    await Bun.sleep(100);
    server.kill('SIGTERM');
    await server.logged('stopping');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(server.url)).status).toBe(200);
    setTimeout(slow.finish, 300);
    expect((await slow.response).status).toBe(200);
    expect(await server.exited).toBe(0);
  }, 20_000);

  test('SIGTERM under load: no request is lost while the balancer catches up', async () => {
    const server = await start({ SHUTDOWN_GRACE_SECONDS: '8' });
    await server.ready();
    let answered = 0;
    const failures: unknown[] = [];
    let sending = true;
    const client = async () => {
      while (sending) {
        try {
          const response = await fetch(`${server.url}/api/v1/predict`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ inputs: HOUSEHOLD }),
          });
          if (response.status === 200) answered++;
          else failures.push(response.status);
          await response.arrayBuffer();
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const clients = Array.from({ length: 8 }, client);
    await Bun.sleep(200);
    server.kill('SIGTERM');
    // A balancer that follows /readyz stops sending some time after the first 503.
    await Bun.sleep(1_000);
    sending = false;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(50);
    expect(await server.exited).toBe(0);
  }, 20_000);

  test('SIGTERM ends even when a client never finishes', async () => {
    const server = await start({ SHUTDOWN_GRACE_SECONDS: '1' });
    await server.ready();
    const slow = slowPrediction(server.url);
    slow.response.catch(() => {});
    await Bun.sleep(100);
    server.kill('SIGTERM');
    expect(await server.exited).toBe(0);
  });

  test.each([
    ['SIGTERM', 0],
    ['SIGINT', 0],
    ['SIGHUP', undefined],
  ] as const)('%s is understood from the first answer on', async (signal, code) => {
    const port = await freePort();
    const [program, ...args] = RUNTIMES.bun!;
    const child = Bun.spawn([program!, ...args], {
      cwd: ROOT,
      env: { PORT: String(port), METRICS_PORT: '0', MODEL_DIR, PATH: process.env.PATH },
      stderr: 'ignore',
    });
    const answered = async (path: string) =>
      (await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined))?.status === 200;
    while (!(await answered('/livez'))) await Bun.sleep(1);
    child.kill(signal);
    if (code === undefined) {
      while (!(await answered('/readyz'))) await Bun.sleep(20);
      child.kill('SIGKILL');
    } else expect(await child.exited).toBe(code);
  });

  test('SIGINT stops at once', async () => {
    const server = await start();
    await server.ready();
    server.kill('SIGINT');
    expect(await server.exited).toBe(0);
  });
});
