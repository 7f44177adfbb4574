import { printable } from './printable.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a line may hold beside its message. Never an input's value. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One event, one line. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** @param urgent whether it must not wait: a warning or an error */
export type WriteLine = (line: string, urgent: boolean) => void;

/**
 * @param format `json`: one object a line, for machines; `pretty`: for a terminal
 * @param write gets each line, with its newline
 */
export function createLog(level: LogLevel, format: 'json' | 'pretty', write: WriteLine): Log {
  const least = LEVELS.indexOf(level);
  const timeOf = clock();
  const at = (own: LogLevel) => {
    if (LEVELS.indexOf(own) < least) return () => {};
    const urgent = own === 'warn' || own === 'error';
    return (message: string, fields: LogFields = {}) => {
      const time = timeOf(Date.now());
      if (format === 'json') {
        const rest = JSON.stringify(fields).slice(1);
        const comma = rest === '}' ? '' : ',';
        write(
          `{"time":"${time}","level":"${own}","message":${JSON.stringify(message)}${comma}${rest}\n`,
          urgent,
        );
        return;
      }
      const rest = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
        .join('');
      write(`${time.slice(11, 19)} ${own.padEnd(5)} ${printable(message + rest)}\n`, urgent);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Writes times; many lines share a millisecond, and to write it is part of what a line costs. */
function clock(): (ms: number) => string {
  let last = Number.NaN;
  let text = '';
  return (ms) => {
    if (ms !== last) {
      last = ms;
      text = new Date(ms).toISOString();
    }
    return text;
  };
}

/** How long a line may wait for others. */
const GATHER_MS = 50;
const GATHER_CHARS = 65_536;

/**
 * Lines that are written together: at thousands of requests a second, a write for each costs more than the line.
 * What is urgent goes at once, with everything before it.
 */
export class LineBuffer {
  readonly #out: (text: string) => void;
  #text = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param out must have taken the text when it returns, as standard error does */
  constructor(out: (text: string) => void) {
    this.#out = out;
  }

  readonly write: WriteLine = (line, urgent) => {
    this.#text += line;
    if (urgent || this.#text.length >= GATHER_CHARS) this.flush();
    else this.#timer ??= setTimeout(this.flush, GATHER_MS);
  };

  /** Writes what waits; to be called at the end. */
  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    this.#text = '';
    if (text !== '') this.#out(text);
  };
}
