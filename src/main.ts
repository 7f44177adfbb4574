import { type Command, EXIT, runCommand } from './cli/command.ts';
import { diffCommand } from './cli/diff.ts';
import { generateCommand } from './cli/generate.ts';
import { importCommand } from './cli/import.ts';
import { listCommand } from './cli/list.ts';
import { predictCommand } from './cli/predict.ts';
import { promoteCommand } from './cli/promote.ts';
import { publishCommand } from './cli/publish.ts';
import { rollbackCommand } from './cli/rollback.ts';
import { serveCommand } from './cli/serve.ts';
import { showCommand } from './cli/show.ts';
import { signCommand } from './cli/sign.ts';
import { trainCommand } from './cli/train.ts';
import { verifyCommand } from './cli/verify.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: serveCommand,
  train: trainCommand,
  generate: generateCommand,
  predict: predictCommand,
  import: importCommand,
  publish: publishCommand,
  promote: promoteCommand,
  rollback: rollbackCommand,
  list: listCommand,
  show: showCommand,
  diff: diffCommand,
  sign: signCommand,
  verify: verifyCommand,
};

const HELP = `savings: what a household could put aside each month

Usage: savings [command] [options]

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

Without a command it serves. 'savings <command> --help' says more of each.
Exit codes: 0 done, 1 failed, 2 wrong use.
`;

async function main(args: string[]): Promise<number> {
  const [first = 'serve', ...rest] = args;
  if (first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  // `savings --port 1` is a wrong option of serve, not an unknown command.
  const [name, own] = first.startsWith('-') ? ['serve', args] : [first, rest];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(
      `savings: there is no such command. The commands are: ${Object.keys(COMMANDS).join(', ')}.\n`,
    );
    return EXIT.wrongUse;
  }
  const { stdin, stdout, stderr, env } = process;
  return await runCommand(name, command, own, { stdin, stdout, stderr, env });
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
