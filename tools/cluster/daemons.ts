import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Daemon {
  name: string;
  process: Bun.Subprocess;
}

/** Programs that run as long as this one, each with a log file of its name. */
export class Daemons {
  readonly #logs: string;
  readonly #running: Daemon[] = [];

  constructor(logs: string) {
    mkdirSync(logs, { recursive: true });
    this.#logs = logs;
  }

  start(name: string, command: string[], env: Record<string, string> = {}): void {
    const log = openSync(join(this.#logs, `${name}.log`), 'a');
    const process = Bun.spawn(command, {
      stdin: 'ignore',
      stdout: log,
      stderr: log,
      env: { ...globalThis.process.env, ...env },
    });
    closeSync(log);
    process.unref();
    this.#running.push({ name, process });
  }

  /** @throws naming a program that has ended, with the end of its log */
  check(): void {
    for (const { name, process } of this.#running) {
      if (process.exitCode === null && process.signalCode === null) continue;
      const log = readFileSync(join(this.#logs, `${name}.log`), 'utf8');
      throw new Error(`${name} has ended:\n${log.slice(-2_000)}`);
    }
  }
}
