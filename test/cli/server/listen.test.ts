import { afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../support/child.ts';
import { freePort } from '../../support/free-port.ts';
import { testModelDirectory } from '../../support/model.ts';
import { requireCondition, requireTool } from '../../support/require-tool.ts';
import { ROOT, RUNTIMES, type ServerProcess, startServer } from '../../support/server-process.ts';

const hasIpv6 = requireCondition(
  'IPv6',
  Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1')),
  'this machine has no ::1',
);

/** Runs a command in a network of its own, where IPv6 is off; only root may make one. */
const WITHOUT_IPV6 = [
  'unshare',
  '--net',
  'sh',
  '-c',
  'ip link set lo up && echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 && exec "$@"',
  'sh',
];
const canSwitchIpv6Off = spawnSync(WITHOUT_IPV6[0], [...WITHOUT_IPV6.slice(1), 'true']).status === 0;

let MODEL_DIR: string;
beforeAll(async () => {
  MODEL_DIR = await testModelDirectory();
});

let started: ServerProcess[] = [];
afterEach(async () => {
  for (const server of started) server.kill('SIGKILL');
  await Promise.all(started.map((server) => server.exited));
  started = [];
});

const answers = (host: string, url: string, path: string) =>
  fetch(`http://${host}:${new URL(url).port}${path}`).then(
    ({ status }) => status === 200,
    () => false,
  );

/** What answers where: the public port and the metrics' port, by IPv4 and by IPv6. */
const reach = async ({ url, metricsUrl }: ServerProcess) => ({
  public: [await answers('127.0.0.1', url, '/livez'), await answers('[::1]', url, '/livez')],
  metrics: [
    await answers('127.0.0.1', metricsUrl, '/metrics'),
    await answers('[::1]', metricsUrl, '/metrics'),
  ],
});

const everywhere = { public: [true, true], metrics: [true, true] };
const ipv4Only = { public: [true, false], metrics: [true, false] };

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  describe.skipIf(runtime === 'deno' && !requireTool('deno'))(
    `where the server listens, on ${runtime}`,
    () => {
      async function start(environment: Record<string, string> = {}, through: string[] = []) {
        const server = await startServer({ MODEL_DIR, ...environment }, [...through, ...command]);
        started.push(server);
        return server;
      }

      /** Runs a server that is expected to end by itself, over a folder without a model. */
      async function refusal(environment: Record<string, string>) {
        const folder = mkdtempSync(join(tmpdir(), 'savings-refused-'));
        const [program, ...args] = command;
        const child = spawn(program!, [...args, 'serve'], {
          cwd: ROOT,
          env: {
            PATH: process.env.PATH,
            HOME: process.env.HOME,
            PORT: '0',
            METRICS_PORT: '0',
            MODEL_DIR: folder,
            ...environment,
          },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let told = '';
        child.stderr.setEncoding('utf8').on('data', (text) => {
          told += text;
        });
        const [code] = await once(child, 'close');
        // Nothing was trained before.
        expect(readdirSync(folder)).toEqual([]);
        return { code, told: told.trim() };
      }

      const taken = (setting: string, port: number | string) => ({
        code: 1,
        told: `savings serve: Cannot listen on port ${port}: it is taken. Stop what uses it, or set ${setting} to another.`,
      });

      test('a second server on the same port is refused, and so is one on the same metrics port', async () => {
        const server = await start();
        const [port, metricsPort] = [server.url, server.metricsUrl].map((url) => new URL(url).port);
        expect(await refusal({ PORT: port! })).toEqual(taken('PORT', port!));
        expect(await refusal({ PORT: port!, LISTEN_ADDRESS: '127.0.0.1' })).toEqual(taken('PORT', port!));
        expect(await refusal({ METRICS_PORT: metricsPort! })).toEqual(taken('METRICS_PORT', metricsPort!));
        expect(await refusal({ PORT: metricsPort! })).toEqual(taken('PORT', metricsPort!));
      });

      test('a port that it has just left can be had again', async () => {
        const PORT = String(await freePort());
        for (let i = 0; i < 2; i++) {
          const server = await start({ PORT });
          expect((await fetch(`${server.url}/livez`)).status).toBe(200);
          // With connections that the system still remembers.
          server.kill('SIGINT');
          expect(await server.exited).toBe(0);
        }
      });

      test.each(['0.0.0.0', '127.0.0.1', ...(hasIpv6 ? ['::', '::1'] : [])])(
        'a port that another program has on %s alone is told',
        async (host) => {
          const other = createServer().listen({ port: 0, host, ipv6Only: host === '::' });
          await once(other, 'listening');
          const { port } = other.address() as { port: number };
          expect(await refusal({ PORT: String(port) })).toEqual(taken('PORT', port));
          other.close();
        },
      );

      test.skipIf(!hasIpv6)('it answers by IPv4 and by IPv6, and says localhost', async () => {
        const server = await start();
        expect(await reach(server)).toEqual(everywhere);
        await server.logged(`ready: open http://localhost:${new URL(server.url).port}`);
      });

      test.skipIf(!hasIpv6)('LISTEN_ADDRESS holds for both ports, and is where it says to open', async () => {
        const server = await start({ LISTEN_ADDRESS: '127.0.0.1' });
        expect(await reach(server)).toEqual(ipv4Only);
        await server.logged(`ready: open http://127.0.0.1:${new URL(server.url).port}`);
      });

      test.skipIf(!hasIpv6)('METRICS_LISTEN_ADDRESS is for the metrics alone', async () => {
        const server = await start({ METRICS_LISTEN_ADDRESS: '127.0.0.1' });
        expect(await reach(server)).toEqual({ ...everywhere, metrics: [true, false] });
        const other = await start({ LISTEN_ADDRESS: '127.0.0.1', METRICS_LISTEN_ADDRESS: '::' });
        expect(await reach(other)).toEqual({ ...everywhere, public: [true, false] });
      });

      test('an address that is not this machine’s is told with its setting', async () => {
        for (const setting of ['LISTEN_ADDRESS', 'METRICS_LISTEN_ADDRESS']) {
          expect(await refusal({ [setting]: '203.0.113.9' })).toEqual({
            code: 1,
            told: `savings serve: Cannot listen on 203.0.113.9: it is no address of this machine. Set ${setting} to one that is.`,
          });
        }
      });

      test.skipIf(process.platform !== 'linux')('on a kernel without IPv6 it answers by IPv4', async () => {
        const launcher = join(ROOT, 'test/support/without-ipv6.ts');
        const server = await start({}, [process.execPath, launcher]);
        expect(server.log.find(({ message }) => message === 'listening')).toMatchObject({
          address: '0.0.0.0',
          metricsAddress: '0.0.0.0',
        });
        expect(await reach(server)).toEqual(ipv4Only);
      });

      test.skipIf(!canSwitchIpv6Off)(
        'where the administrator has switched IPv6 off it answers by IPv4',
        async () => {
          const script = `
        import { startServer } from './test/support/server-process.ts';
        const [MODEL_DIR, ...command] = process.argv.slice(1);
        const server = await startServer({ MODEL_DIR }, command);
        for (const url of [server.url + '/livez', server.metricsUrl]) console.log((await fetch(url)).status);
        server.kill('SIGKILL');`;
          await using child = startChild(script, [MODEL_DIR, ...command], WITHOUT_IPV6);
          expect(await child.output()).toBe('200\n200');
        },
      );
    },
  );
}
