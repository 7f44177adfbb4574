import { AppError } from '../../src/errors.ts';

/** The message of the AppError that `work` fails with, which must have this code; anything else fails the test. */
export async function failure(work: Promise<unknown>, code: AppError['code']): Promise<string> {
  let thrown: unknown;
  try {
    await work;
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof AppError) || thrown.code !== code)
    throw new Error(`expected an AppError with the code ${code}, got ${thrown}`, { cause: thrown });
  return thrown.message;
}
