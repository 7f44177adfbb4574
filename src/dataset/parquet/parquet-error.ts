import { AppError, type ErrorCode, messageOf } from '../../errors.ts';
import { printable } from '../../printable.ts';

/** Names of columns and what the library says of a file are texts of whoever wrote it. */
const cannotRead = (code: ErrorCode, name: string, why: string, what: string, cause?: unknown) =>
  new AppError(code, printable(`Cannot read ${name}: ${why}. ${what}`), { cause });

/** The error of a file that is not what it claims to be. @param name the file's, for the message */
export function corrupt(name: string, why: string, cause?: unknown): AppError {
  return cannotRead('corrupt', name, why, 'Copy or write it again.', cause);
}

/** The error of a good file that this program cannot take. @param what to do about it, as a sentence */
export function unsupported(name: string, why: string, what: string): AppError {
  return cannotRead('invalid', name, why, what);
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
  return cannotRead('too_large', name, why, 'Write it with smaller row groups.');
}
