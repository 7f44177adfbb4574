/**
 * Rolls one version to another and back under constant load, as a Deployment does (one pod more, never one fewer),
 * behind a proxy that follows /readyz as a Service does; counts every request that did not get its answer, and fails
 * unless there is none.
 *
 *   bun bench/rollout.ts [ROLLOUTS] [COMMAND...]      20 rollouts of `bun src/main.ts`; another command: dist/savings
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { testModelDirectory } from '../test/support/model.ts';
import { RUNTIMES, type ServerProcess, startServer } from '../test/support/server-process.ts';
import { Visitor } from '../test/support/visitor.ts';
import { machine, table } from './measure.ts';

const [rollouts = '20', ...given] = process.argv.slice(2);
const COMMAND = given.length > 0 ? given : RUNTIMES.bun!;
const REPLICAS = 2;
/** Half of them keep their connections, as browsers do; the others take a new one for each request. */
const VISITORS = 8;
/** The kubelet's probe, ten times as fast: a pod is out after two failures in a row. */
const PROBE_EVERY_MS = 200;
const PROBE_FAILURES = 2;
const PATIENCE_MS = 30_000;

interface Endpoint {
  server: ServerProcess;
  ready: boolean;
  failures: number;
}

/** Connections go to the endpoints that are ready when they are made, in turn, and stay with them. */
class Service {
  readonly endpoints: Endpoint[] = [];
  readonly #proxy: Server = createServer((client) => this.#forward(client));
  readonly #probing = setInterval(() => this.#probe(), PROBE_EVERY_MS);
  #turn = 0;

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#proxy.listen(0, '127.0.0.1', () => resolve((this.#proxy.address() as { port: number }).port));
    });
  }

  add(server: ServerProcess): Endpoint {
    const endpoint = { server, ready: false, failures: 0 };
    this.endpoints.push(endpoint);
    return endpoint;
  }

  remove(endpoint: Endpoint): void {
    this.endpoints.splice(this.endpoints.indexOf(endpoint), 1);
  }

  close(): void {
    clearInterval(this.#probing);
    this.#proxy.close();
  }

  #forward(client: Socket): void {
    const ready = this.endpoints.filter((endpoint) => endpoint.ready);
    const endpoint = ready[this.#turn++ % ready.length];
    if (endpoint === undefined) {
      client.destroy();
      return;
    }
    const pod = connect(Number(new URL(endpoint.server.url).port), '127.0.0.1');
    // Whatever goes wrong on one side is passed on as it is: the visitor counts it.
    for (const [from, to] of [
      [client, pod],
      [pod, client],
    ] as const) {
      from.on('data', (bytes) => to.write(bytes));
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }

  #probe(): void {
    for (const endpoint of this.endpoints) {
      fetch(`${endpoint.server.url}/readyz`, { signal: AbortSignal.timeout(2_000) })
        .then(({ ok }) => ok)
        .catch(() => false)
        .then((ok) => {
          endpoint.failures = ok ? 0 : endpoint.failures + 1;
          if (ok) endpoint.ready = true;
          if (endpoint.failures >= PROBE_FAILURES) endpoint.ready = false;
        });
    }
  }
}

async function until(what: string, check: () => boolean): Promise<void> {
  const began = performance.now();
  while (!check()) {
    if (performance.now() - began > PATIENCE_MS)
      throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
    await Bun.sleep(20);
  }
}

const running = new Set<ServerProcess>();

async function startPod(models: string): Promise<ServerProcess> {
  const pod = await startServer({ MODEL_DIR: models, SHUTDOWN_GRACE_SECONDS: '15' }, COMMAND);
  running.add(pod);
  return pod;
}

/** Replaces each pod by one of another version: the new one is ready before the old one is told to end. */
async function rollOut(service: Service, models: string): Promise<void> {
  const leaving: Promise<void>[] = [];
  for (const old of service.endpoints.slice()) {
    const endpoint = service.add(await startPod(models));
    await until('a new pod should get ready', () => endpoint.ready);
    old.server.kill('SIGTERM');
    leaving.push(
      old.server.exited.then((code) => {
        if (code !== 0) throw new Error(`a pod ended with ${code}: ${JSON.stringify(old.server.log)}`);
        running.delete(old.server);
        service.remove(old);
      }),
    );
  }
  await Promise.all(leaving);
}

const service = new Service();
try {
  const versions = [await testModelDirectory('test-1'), await testModelDirectory('test-2')];
  for (let i = 0; i < REPLICAS; i++) service.add(await startPod(versions[0]));
  await until('the first pods should get ready', () => service.endpoints.every(({ ready }) => ready));
  const port = await service.listen();
  const visitors = Array.from(
    { length: VISITORS },
    (_, i) => new Visitor({ host: '127.0.0.1', port }, i % 2 === 0),
  );
  const visits = visitors.map((visitor) => visitor.run());
  const began = performance.now();
  for (let i = 1; i <= Number(rollouts); i++) await rollOut(service, versions[i % 2]);
  const seconds = (performance.now() - began) / 1000;
  for (const visitor of visitors) visitor.stopped = true;
  await Promise.all(visits);

  const count = (version: string) =>
    visitors.reduce((sum, { answers }) => sum + (answers.get(version) ?? 0), 0);
  const failures = visitors.flatMap((visitor) => visitor.failures);
  console.log(`\n${machine()}, ${COMMAND.at(-1)?.replace(/.*\/(?=src|dist)/, '')}\n`);
  console.log(
    table(
      ['rollouts', 'seconds', 'answers of one version', 'of the other', 'failed requests'],
      [[rollouts, seconds.toFixed(0), count('test-1'), count('test-2'), failures.length]],
    ),
  );
  for (const failure of failures.slice(0, 10)) console.log(failure);
  process.exitCode = failures.length > 0 || count('test-1') === 0 || count('test-2') === 0 ? 1 : 0;
} finally {
  service.close();
  for (const pod of running) pod.kill('SIGKILL');
}
process.exit();
