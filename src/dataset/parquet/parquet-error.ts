import { AppError, messageOf } from '../../errors.ts';

/** The error of a file that is not what it claims to be. @param name the file's, for the message */
export function corrupt(name: string, why: string, cause?: unknown): AppError {
  const error = `Cannot read ${name}: ${why}. Copy or write it again.`;
  return new AppError('corrupt', error, { cause });
}

/** The error of a good file that this program cannot take. @param what to do about it, as a sentence */
export function unsupported(name: string, why: string, what: string): AppError {
  return new AppError('invalid', `Cannot read ${name}: ${why}. ${what}`);
}

/**
 * Runs what decodes bytes that may be anything: whatever the library throws about them becomes one kind of error.
 *
 * @param part of the file, for the message
 * @throws AppError `corrupt`
 */
export function decoding<T>(name: string, part: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw corrupt(name, `${part} cannot be decoded (${messageOf(error)})`, error);
  }
}

/** The error of a row group that would not fit into memory. */
export function tooLargeGroup(name: string, why: string): AppError {
  return new AppError('too_large', `Cannot read ${name}: ${why}. Write it with smaller row groups.`);
}
