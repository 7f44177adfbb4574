/**
 * What a caller can do about a failure.
 *
 * - `invalid`: the input or setting is wrong; correct it.
 * - `not_found`: the thing named does not exist.
 * - `too_large`: a bound was passed; send less.
 * - `corrupt`: stored bytes are not what they claim to be; do not use them.
 * - `conflict`: somebody else changed it first; read again.
 * - `unavailable`: a dependency does not answer now; try again later.
 * - `too_slow`: the rest of it did not come in time; send it again.
 * - `left`: whoever asked went away before all was said; nobody is there to be told.
 */
export type ErrorCode =
  | 'invalid'
  | 'not_found'
  | 'too_large'
  | 'corrupt'
  | 'conflict'
  | 'unavailable'
  | 'too_slow'
  | 'left';

/**
 * A failure that was foreseen: the message opens with what could not be done, names the thing, and says what to
 * do. It never holds an input's value. Anything else that is thrown is a defect.
 */
export class AppError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}

/** The message of whatever was thrown, for a log line or for the end of another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isAppError(error: unknown, code: ErrorCode): error is AppError {
  return error instanceof AppError && error.code === code;
}
