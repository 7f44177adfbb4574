import { isPrintable } from '../printable.ts';
import { UsageError } from './command.ts';

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
