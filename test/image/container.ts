import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

const words = (text: string | undefined) => (text ?? '').split(' ').filter(Boolean);

/** `docker`, or podman with what it needs here; .ci/image sets these. */
const ENGINE = words(process.env.CONTAINER_ENGINE);
const RUN_FLAGS = words(process.env.CONTAINER_RUN_FLAGS);
export const IMAGE = process.env.IMAGE ?? '';

if (ENGINE.length === 0 || IMAGE === '') throw new Error('run this by .ci/image, which builds the image');

/** As the Deployment runs it (kustomize/base/deployment.yaml). */
export const HARDENED = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--network=host',
  '--memory=256m',
];

/** What the engine prints. @throws Error with what it says, when it fails */
export function engine(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(ENGINE[0]!, [...ENGINE.slice(1), ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${args[0]}: ${stderr}`);
  return stdout.trim();
}

export interface RunOptions {
  flags?: string[];
  environment?: Record<string, string>;
  /** After the image's own entry point. */
  command?: string[];
}

function runArguments({ flags = HARDENED, environment = {}, command = [] }: RunOptions): string[] {
  const settings = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return ['run', ...RUN_FLAGS, ...flags, ...settings, IMAGE, ...command];
}

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs it to its end. */
export async function runOnce(options: RunOptions): Promise<Finished> {
  const child = spawn(ENGINE[0]!, [...ENGINE.slice(1), ...runArguments(options).toSpliced(1, 0, '--rm')]);
  const finished = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (text) => {
      finished[name] += text;
    });
  }
  const code = await new Promise<number>((done) => child.once('close', (status) => done(status ?? -1)));
  return { code, ...finished };
}

/** A server in a container. */
export class Container {
  readonly url: string;
  readonly metricsUrl: string;
  readonly #id: string;

  private constructor(id: string, port: number, metricsPort: number) {
    this.#id = id;
    this.url = `http://127.0.0.1:${port}`;
    this.metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  }

  /** Starts it on ports of its own; `remove` it at the end. */
  static async start(options: RunOptions): Promise<Container> {
    const [port, metricsPort] = await Promise.all([freePort(), freePort()]);
    const environment = { PORT: String(port), METRICS_PORT: String(metricsPort), ...options.environment };
    const id = engine(...runArguments({ ...options, environment }).toSpliced(1, 0, '--detach'));
    return new Container(id, port, metricsPort);
  }

  /** Starts it with its own ports published, as `docker run -p` does. */
  static async startPublished(flags: string[]): Promise<Container> {
    const port = await freePort();
    const id = engine(
      ...runArguments({ flags: ['--publish', `127.0.0.1:${port}:8080`, ...flags] }).toSpliced(
        1,
        0,
        '--detach',
      ),
    );
    return new Container(id, port, 0);
  }

  /** The main process, as this machine numbers it. */
  get pid(): number {
    return Number(engine('inspect', '--format', '{{.State.Pid}}', this.#id));
  }

  get log(): string {
    const { stdout, stderr } = spawnSync(ENGINE[0]!, [...ENGINE.slice(1), 'logs', this.#id], {
      encoding: 'utf8',
    });
    return stdout + stderr;
  }

  /** Resolves when a model is live, with what /readyz says. */
  async ready(patienceMs = 60_000): Promise<{ status: string; model: { version: string } }> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(
        () => undefined,
      );
      if (answer?.status === 200) return await answer.json();
      if (performance.now() > until) throw new Error(`it does not get ready. Its log:\n${this.log}`);
      await Bun.sleep(50);
    }
  }

  /** Sends SIGTERM, as Kubernetes does, and resolves with the exit code. */
  async stop(): Promise<number> {
    engine('kill', '--signal', 'TERM', this.#id);
    return Number(engine('wait', this.#id));
  }

  remove(): void {
    engine('rm', '--force', this.#id);
  }
}

/** Free when asked. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
