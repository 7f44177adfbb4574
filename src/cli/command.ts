import { AppError } from '../errors.ts';
import { printableLines } from '../printable.ts';

/** What a command may touch of the outside; tests give their own. */
export interface Io {
  stdin: AsyncIterable<Uint8Array>;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  env: Readonly<Record<string, string | undefined>>;
}

/** One subcommand: its arguments, without its name, in; its exit code out. */
export interface Command {
  run(args: string[], io: Io): Promise<number>;
}

/** Exit codes that every command keeps to. */
export const EXIT = { done: 0, failed: 1, wrongUse: 2 } as const;

/** The command's own words were wrong: an unknown option, a missing argument. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/**
 * Runs a command; foreseen failures become one line on standard error and an exit code, defects are thrown. Messages hold
 * names of files and what servers answered, so only what is printable of them reaches the terminal.
 */
export async function runCommand(name: string, command: Command, args: string[], io: Io): Promise<number> {
  try {
    return await command.run(args, io);
  } catch (error) {
    const wrongUse = error instanceof UsageError || isParseArgsError(error);
    if (wrongUse) {
      io.stderr.write(
        `savings ${name}: ${printableLines((error as Error).message)}\nSee 'savings ${name} --help'.\n`,
      );
      return EXIT.wrongUse;
    }
    if (error instanceof AppError) {
      io.stderr.write(`savings ${name}: ${printableLines(error.message)}\n`);
      return EXIT.failed;
    }
    throw error;
  }
}

/** node:util's parseArgs throws TypeErrors with codes of its own. */
function isParseArgsError(error: unknown): boolean {
  return String((error as { code?: unknown } | null)?.code).startsWith('ERR_PARSE_ARGS_');
}
