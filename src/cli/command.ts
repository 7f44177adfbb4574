import { isAppError } from '../errors.ts';

/** What a command may touch of the outside; tests give their own. */
export interface Io {
  stdin: AsyncIterable<Uint8Array>;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  env: Readonly<Record<string, string | undefined>>;
}

/** An option and its line of the help, in which `value` stands for what is given. */
export type Option =
  | { readonly type: 'boolean'; readonly help: string }
  | { readonly type: 'string'; readonly value: string; readonly help: string };

export type Options = Readonly<Record<string, Option>>;

/** What was given, by the names of the options. */
export type Values<O extends Options> = {
  [Name in keyof O]?: O[Name]['type'] extends 'string' ? string : boolean;
};

/** One subcommand, as data; `runCommand` parses its arguments, prints its help and reports its misuse. */
export interface Command<O extends Options = Options, P extends readonly string[] = readonly string[]> {
  /** The usage and what it says beside; its summary, its options and the exit codes stand around it. */
  help: string;
  options: O;
  /** The arguments it takes, each by the name that the usage gives it; none where it is left out. */
  positionals?: P;
  /** Whether all of them may be left out together; they are then undefined. */
  optional?: boolean;
  /** Options with which it takes no arguments. */
  alone?: readonly (keyof O & string)[];
  /** @returns the exit code */
  run(values: Values<O>, positionals: { [Index in keyof P]: string }, io: Io): Promise<number>;
}

/** A command whose `values` and `positionals` have the types that its `options` and `positionals` say. */
export function defineCommand<const O extends Options, const P extends readonly string[] = readonly []>(
  command: Command<O, P>,
): Command {
  return command;
}

/** Exit codes that every command keeps to. */
export const EXIT = { done: 0, failed: 1, wrongUse: 2 } as const;

/** What `savings evaluate` exits with when a model is not good enough, or when there is no telling. */
export const EXIT_VERDICT = { worse: 3, cannotTell: 4 } as const;

/** The one explanation of them, in every help. */
export const EXIT_HELP = 'Exit codes: 0 done, 1 failed or refused, 2 wrong use.';

/** The command's own words were wrong: an unknown option, a missing argument. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** A failure that would be the same when tried again: whoever tries again goes by the exit code, and this one is another. */
export class FinalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FinalError';
  }
}

/** The error of a bad setting as one of wrong use, any other as it is. */
export function asUsageError(error: unknown): unknown {
  return isAppError(error, 'invalid') ? new UsageError(error.message, { cause: error }) : error;
}
