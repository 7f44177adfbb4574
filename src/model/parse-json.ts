import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { printable } from '../printable.ts';

const SHOWN_ISSUES = 3;
/** Names of keys are the file's own text: a hostile one must not fill a log. */
const SHOWN_CHARS = 200;

/**
 * Stored JSON as the type it should have.
 * @param what names it: `channels/prod.json in s3://bucket`
 * @throws AppError `corrupt`, which names the first fields that are wrong, never their values
 */
export function parseJson<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    // The engine's message quotes the text around the place, and text is all that is known about it so far.
    throw new AppError('corrupt', `Cannot read ${what}: it is not JSON in UTF-8.`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AppError('corrupt', `Cannot read ${what}: ${describeIssues(parsed.error)}.`);
}

/** The first problems in one line: `features.3.name must be camelCase; ...`. */
function describeIssues(error: z.ZodError): string {
  const shown = error.issues.slice(0, SHOWN_ISSUES).map((issue) => {
    const path = issue.path.map(String).join('.');
    return clipped(path ? `${path}: ${issue.message}` : issue.message);
  });
  const more = error.issues.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function clipped(text: string): string {
  const shown = printable(text);
  return shown.length <= SHOWN_CHARS ? shown : `${shown.slice(0, SHOWN_CHARS)}...`;
}
