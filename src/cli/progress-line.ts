import type { Io } from './command.ts';

const TERMINAL_MS = 100;
const FILE_MS = 5_000;
/** Sooner than this an estimate is a guess. */
const ESTIMATE_AFTER_MS = 500;

/**
 * Shows how far long work is, on standard error: one line that is written over on a terminal; now and then a line of
 * its own elsewhere, and none for what takes moments.
 */
export class ProgressLine {
  readonly #stream: Io['stderr'];
  readonly #now: () => number;
  #what = '';
  #began: number;
  #shown: number;

  constructor(stream: Io['stderr'], now = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#began = now();
    this.#shown = this.#began;
  }

  /** @param what such as 'growing trees'; @param total undefined when it is not known */
  update(what: string, done: number, total: number | undefined): void {
    const now = this.#now();
    if (what !== this.#what) {
      this.#what = what;
      this.#began = now;
    }
    if (now - this.#shown < (this.#stream.isTTY ? TERMINAL_MS : FILE_MS)) return;
    this.#shown = now;
    const text = `${what}: ${count(done)}${total === undefined ? '' : ` of ${count(total)}`}${this.#timeLeft(now, done, total)}`;
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }

  /** Leaves the terminal's line empty for what comes next. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }

  #timeLeft(now: number, done: number, total: number | undefined): string {
    const elapsed = now - this.#began;
    if (total === undefined || done === 0 || elapsed < ESTIMATE_AFTER_MS) return '';
    return `, ${duration((elapsed * (total - done)) / done)} left`;
  }
}

const count = (n: number) => n.toLocaleString('en');

/** Such as `40 s` or `2 min 5 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
