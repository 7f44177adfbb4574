import { EXIT, EXIT_HELP } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import { runCommand } from './cli/run-command.ts';

const HELP = `savings: what a household could put aside each month

Usage: savings [command] [options]

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

Without a command it serves. 'savings <command> --help' says more of each.
${EXIT_HELP}
`;

async function main(args: string[]): Promise<number> {
  const [first = 'serve', ...rest] = args;
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  // `savings --port 1` is a wrong option of serve, not an unknown command.
  const [name, own] = first.startsWith('-') ? ['serve', args] : [first, rest];
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    process.stderr.write(
      `savings: Say one of the commands: ${Object.keys(COMMANDS).join(', ')}.\nSee 'savings --help'.\n`,
    );
    return EXIT.wrongUse;
  }
  // The process itself: its streams are made when they are first asked for.
  return await runCommand({ name, ...entry }, await entry.load(), own, process);
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
