import { Writable } from 'node:stream';
import type { Command, Io } from '../../src/cli/command.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { bytesOf } from './bytes.ts';
import { ROOT, RUNTIMES } from './server-process.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command in this process. */
export async function run(
  command: Command,
  args: string[],
  { stdin = '', env = {} }: { stdin?: string | Uint8Array; env?: Io['env'] } = {},
): Promise<Ran> {
  const [stdout, stderr] = [new Collected(), new Collected()];
  const io = { stdin: bytesOf(stdin), stdout, stderr, env };
  const code = await runCommand({ name: 'test', summary: 'run by a test' }, command, args, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Collected extends Writable {
  text = '';

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.text += Buffer.from(chunk).toString();
    done();
  }
}

interface ProcessOptions {
  stdin?: Blob;
  env?: Record<string, string>;
}

/** Starts the program as a person would, in a process of its own. */
export function startSavings(args: string[], options: ProcessOptions = {}) {
  return Bun.spawn([...RUNTIMES.bun!, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
    stdin: options.stdin ?? null,
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

export async function runSavings(args: string[], options: ProcessOptions = {}): Promise<Ran> {
  const child = startSavings(args, options);
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

/** The program's command line, quoted for a shell. */
export const SAVINGS = RUNTIMES.bun!.map((word) => `'${word}'`).join(' ');

/** Runs a line of bash in which a failure anywhere in a pipe is the line's. */
export async function runShell(line: string): Promise<Ran> {
  const child = Bun.spawn(['bash', '-o', 'pipefail', '-c', line], {
    cwd: ROOT,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}
