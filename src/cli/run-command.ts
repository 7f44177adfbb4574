import { AppError } from '../errors.ts';
import { printableLines } from '../printable.ts';
import { parseArguments } from './arguments.ts';
import { type Command, EXIT, EXIT_HELP, FinalError, type Io, UsageError } from './command.ts';

/**
 * Runs a command; foreseen failures become one line on standard error and an exit code, defects are thrown. Messages hold
 * names of files and what servers answered, so only what is printable of them reaches the terminal.
 */
export async function runCommand(
  { name, summary }: { name: string; summary: string },
  command: Command,
  args: string[],
  io: Io,
): Promise<number> {
  try {
    const { help, values, positionals } = await parseArguments(args, command);
    if (help) {
      io.stdout.write(`savings ${name}: ${summary}\n\n${helpOf(command)}`);
      return EXIT.done;
    }
    return await command.run(values, positionals, io);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof FinalError || error instanceof AppError))
      throw error;
    io.stderr.write(`savings ${name}: ${printableLines(error.message)}\n`);
    if (error instanceof AppError) return EXIT.failed;
    if (error instanceof UsageError) io.stderr.write(`See 'savings ${name} --help'.\n`);
    return EXIT.wrongUse;
  }
}

const OPTION_WIDTH = 22;

/** The whole help of a command but its first line. */
export function helpOf({ help, options }: Command): string {
  const lines = Object.entries(options).map(([name, option]) => {
    const head = `  --${name}${option.type === 'string' ? ` ${option.value}` : ''}`;
    return `${head.padEnd(OPTION_WIDTH)}${option.help.replaceAll('\n', `\n${' '.repeat(OPTION_WIDTH)}`)}\n`;
  });
  return `${help}\n${lines.join('')}${lines.length === 0 ? '' : '\n'}${EXIT_HELP}\n`;
}
