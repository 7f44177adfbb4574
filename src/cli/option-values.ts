import { isPrintable } from '../printable.ts';
import { UsageError } from './command.ts';

/** A whole number given as an option; undefined when it was not given. @throws UsageError */
export function wholeOption(
  option: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${option} must be a whole number from ${min} to ${max}.`);
}

/** A decimal number given as an option; undefined when it was not given. @throws UsageError */
export function decimalOption(
  option: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${option} must be a number from ${min} to ${max}.`);
}

/** A percentage such as `1%`, as a share; undefined when it was not given. @throws UsageError */
export function percentOption(option: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^(\d+\.?\d*|\.\d+) ?%$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (value >= 0 && value <= max) return value / 100;
  throw new UsageError(`--${option} must be a percentage from 0% to ${max}%, such as 1%.`);
}

/** One of a few words given as an option; undefined when it was not given. @throws UsageError */
export function choiceOption<T extends string>(
  option: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${option} must be one of ${choices.join(', ')}.`);
}

/** As the schemas of manifest and channel have it. */
const MAX_CHARS = 400;

/** A sentence given as an option, without blanks around it. @throws UsageError */
export function textOption(option: string, text: string): string {
  const sentence = text.trim();
  if (sentence.length > MAX_CHARS)
    throw new UsageError(`--${option} must not be longer than ${MAX_CHARS} characters.`);
  if (!isPrintable(sentence))
    throw new UsageError(
      `--${option} must be printable text on one line, without control or invisible characters.`,
    );
  return sentence;
}
