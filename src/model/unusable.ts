import { AppError } from '../errors.ts';

/**
 * The error for stored bytes that failed a check.
 * @param what names them: `forest.json.gz of version 3`
 * @param why a clause, such as `it is not signed`
 */
export function unusable(what: string, why: string, options?: ErrorOptions): AppError {
  return new AppError('corrupt', `Cannot use ${what}: ${why}.`, options);
}
