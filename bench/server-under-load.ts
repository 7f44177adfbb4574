import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is asked of a server, the same every time. */
export interface Question {
  url: string;
  body: string;
  type: string;
  headers?: Record<string, string>;
}

export interface Load {
  requests: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuMicros: number;
}

/** Linux counts a process's time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function residentMB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

const SCRIPT = join(process.env.TMPDIR ?? '/tmp', `savings-wrk-${process.pid}.lua`);

/**
 * Asks one thing by `wrk`; fails when any answer is no 200.
 *
 * @param pauseMs how long a connection rests between an answer and its next request; 0: as fast as it is answered
 */
export async function load(
  { url, body, type, headers = {} }: Question,
  pid: number,
  seconds: number,
  connections: number,
  pauseMs = 0,
): Promise<Load> {
  const lines = Object.entries({ 'content-type': type, ...headers }).map(
    ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
  );
  if (pauseMs > 0) lines.push(`function delay() return ${pauseMs} end`);
  writeFileSync(SCRIPT, ['wrk.method = "POST"', `wrk.body = [==[${body}]==]`, ...lines].join('\n'));
  const before = cpuSeconds(pid);
  const text = await output('wrk', [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    '--timeout',
    '30s',
    '-s',
    SCRIPT,
    url,
  ]);
  const cpu = cpuSeconds(pid) - before;
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`${url} failed under load:\n${text}`);
  const requests = Number(/(\d+) requests in/.exec(text)![1]);
  return {
    requests,
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)![1]),
    p50Ms: milliseconds(/50%\s+(\S+)/.exec(text)![1]),
    p99Ms: milliseconds(/99%\s+(\S+)/.exec(text)![1]),
    cpuMicros: (cpu / requests) * 1e6,
  };
}

function milliseconds(text: string): number {
  const value = Number.parseFloat(text);
  return text.endsWith('us') ? value / 1000 : text.endsWith('ms') ? value : value * 1000;
}

async function output(program: string, args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const piece of child.stdout) text += piece;
  return text;
}

export function hasProgram(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

const started = new Set<ChildProcess>();

/** Ends with this process, however that ends. */
export function start(
  program: string,
  args: string[],
  options: { env?: Record<string, string>; log?: number } = {},
): ChildProcess {
  const child = spawn(program, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', options.log ?? 'inherit'],
  });
  started.add(child);
  return child;
}

export function stopAll(): void {
  for (const child of started) child.kill('SIGKILL');
}

process.on('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** Asks until it is answered. */
export async function untilAnswered(url: string, child: ChildProcess, init?: RequestInit): Promise<Response> {
  for (let i = 0; i < 1_200 && child.exitCode === null; i++) {
    const response = await fetch(url, init).catch(() => undefined);
    if (response?.ok) return response;
    await Bun.sleep(200);
  }
  throw new Error(`${url} does not answer.`);
}
