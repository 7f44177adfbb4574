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

/**
 * @param format `json`: one object a line, for machines; `pretty`: for a terminal
 * @param write gets each line, with its newline; standard error by default, since standard output is for results
 */
export function createLog(
  level: LogLevel,
  format: 'json' | 'pretty',
  write: (line: string) => void = (line) => {
    process.stderr.write(line);
  },
): Log {
  const least = LEVELS.indexOf(level);
  const at = (own: LogLevel) => {
    if (LEVELS.indexOf(own) < least) return () => {};
    return (message: string, fields: LogFields = {}) => {
      const time = new Date().toISOString();
      if (format === 'json') {
        write(`${JSON.stringify({ time, level: own, message, ...fields })}\n`);
        return;
      }
      const rest = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
        .join('');
      write(`${time.slice(11, 19)} ${own.padEnd(5)} ${message}${rest}\n`);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
