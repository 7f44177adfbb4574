import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/main.ts');

/** How each runtime runs the program from source. */
export const RUNTIMES: Record<string, string[]> = {
  bun: [process.execPath.endsWith('deno') ? 'bun' : process.execPath, MAIN],
  deno: ['deno', 'run', '--allow-net', '--allow-env', '--allow-read', '--allow-write', '--allow-sys', MAIN],
};

/** A real server in a process of its own. */
export interface ServerProcess {
  url: string;
  metricsUrl: string;
  pid: number;
  /** What it logged so far, one object a line. */
  log: { message: string; [field: string]: unknown }[];
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the log holds such a line. */
  logged(message: string): Promise<void>;
  /** Resolves when /readyz has this status. */
  ready(status?: number): Promise<void>;
  /** Resolves when /readyz says that this version is live. */
  live(version: string): Promise<void>;
}

const PATIENCE_MS = 30_000;

/** Starts the server on free ports and resolves when it listens; stop it with `kill`. */
export async function startServer(
  environment: Record<string, string>,
  command: string[] = RUNTIMES.bun!,
): Promise<ServerProcess> {
  const [program, ...args] = command;
  const child = spawn(program!, [...args, 'serve'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: '0',
      METRICS_PORT: '0',
      LOG_FORMAT: 'json',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: ServerProcess['log'] = [];
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) log.push(line.startsWith('{') ? JSON.parse(line) : { message: line });
  });
  const exited = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  let ended = false;
  void exited.then(() => {
    ended = true;
  });

  const until = async (what: string, check: () => boolean | Promise<boolean>) => {
    const began = performance.now();
    while (!(await check())) {
      if (ended || performance.now() - began > PATIENCE_MS) {
        throw new Error(
          `${what}: it ${ended ? 'exited' : 'did not'}. Its log:\n${JSON.stringify(log, null, 1)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await until('the server should listen', () => log.some(({ message }) => message === 'listening'));
  const { port, metricsPort } = log.find(({ message }) => message === 'listening')!;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    pid: child.pid!,
    log,
    exited,
    // Not child.kill: Deno then reports the signal, whatever the exit code was.
    kill: (signal) => {
      if (!ended) process.kill(child.pid!, signal);
    },
    logged: (message) =>
      until(`"${message}" should be logged`, () => log.some((line) => line.message.includes(message))),
    live: (version) =>
      until(`${version} should be live`, async () => {
        const { model } = await (await fetch(`${url}/readyz`)).json();
        return model?.version === version;
      }),
    ready: (status = 200) =>
      until(`/readyz should be ${status}`, async () => (await fetch(`${url}/readyz`)).status === status),
  };
}
