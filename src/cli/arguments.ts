import { type Command, type Options, UsageError, type Values } from './command.ts';

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

export interface ParsedArguments {
  /** Whether the help is asked for; the number of arguments is then of no matter. */
  help: boolean;
  values: Values<Options>;
  positionals: readonly string[];
}

/** @throws UsageError */
export async function parseArguments(args: string[], command: Command): Promise<ParsedArguments> {
  const parsed = args.length === 0 ? NONE : await parse(args, command.options);
  const isAlone =
    command.alone?.some((option) => parsed.values[option] !== undefined) ||
    (command.optional && parsed.positionals.length === 0);
  if (!parsed.help) checkPositionals(parsed.positionals, isAlone ? [] : (command.positionals ?? []));
  return parsed;
}

const NONE: ParsedArguments = { help: false, values: {}, positionals: [] };

async function parse(args: string[], own: Options): Promise<ParsedArguments> {
  // Loading it takes a fifth of the time in which a server, which has nothing to parse, opens its port.
  const { parseArgs } = await import('node:util');
  const options = { ...own, ...HELP };
  // Strictly, it would throw messages of the runtime's own.
  const how = { strict: false, allowPositionals: true, tokens: true } as const;
  const { values, positionals, tokens } = parseArgs({ args, options, ...how });
  for (const token of tokens) {
    if (token.kind === 'option') checkOption(token, options);
  }
  const { help, ...given } = values;
  return { help: help === true, values: given as Values<Options>, positionals };
}

interface OptionToken {
  name: string;
  /** As it was written, such as `--rows` or `-h`. */
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

function checkOption(
  { name, rawName, value, inlineValue }: OptionToken,
  options: Readonly<Record<string, { type: 'string' | 'boolean' }>>,
): void {
  const type = Object.hasOwn(options, name) ? options[name]?.type : undefined;
  if (type === undefined) throw new UsageError(`Leave out ${rawName}: there is no such option.`);
  if (type === 'boolean') {
    if (value !== undefined) throw new UsageError(`Write ${rawName} without a value.`);
  } else if (value === undefined || (!inlineValue && /^-./s.test(value))) {
    throw new UsageError(`Give ${rawName} a value; write ${rawName}=VALUE where it begins with a dash.`);
  }
}

function checkPositionals(given: readonly string[], wanted: readonly string[]): void {
  if (given.length === wanted.length) return;
  if (wanted.length === 0) throw new UsageError('Leave out the arguments: this command takes options alone.');
  const names = wanted.join(' and ');
  if (given.length < wanted.length) throw new UsageError(`Say which ${names}.`);
  throw new UsageError(`Say ${names} alone, not ${given.length} arguments.`);
}
