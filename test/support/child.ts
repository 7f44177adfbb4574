import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Use it with `await using`, so that a failing test leaves no process behind. */
export interface Child extends AsyncDisposable {
  process: ChildProcessByStdio<null, Readable, null>;
  /** Resolves when the child has printed this line. */
  printed(line: string): Promise<void>;
  /** Everything printed, after the end; fails when the exit code is not 0. */
  output(): Promise<string>;
  /** kill -9, and waits for the end. */
  kill(): Promise<void>;
}

/**
 * Another process of this program, running a script whose imports are relative to the project's root.
 * @param through a command that runs the one given to it, such as setpriv with its options
 */
export function startChild(script: string, args: string[] = [], through: string[] = []): Child {
  const [program = '', ...rest] = [...through, process.execPath, '-e', script, ...args];
  const child = spawn(program, rest, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return {
    process: child,
    printed: async (line) => {
      while (!text.split('\n').includes(line)) {
        const more = await Promise.race([
          once(child.stdout, 'data').then(() => true),
          ended.then(() => false),
        ]);
        if (!more && !text.split('\n').includes(line))
          throw new Error(`the child ended without printing ${line}`);
      }
    },
    output: async () => {
      const [code] = await ended;
      if (code !== 0) throw new Error(`the child ended with ${code}`);
      return text.trim();
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
