import type { Context } from 'hono';
import type { BlankEnv } from 'hono/types';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { readText } from './body.ts';

/**
 * A route's handler, with the type of the JSON body that hono/client asks of whoever calls it. (A validator in front of
 * the handler would say the same, and cost Hono twice as much.)
 */
export type JsonHandler<Body, Result extends Response> = (
  c: Context<BlankEnv, string, { in: { json: Body }; out: { json: Body } }>,
) => Promise<Result>;

/**
 * A JSON body of this schema.
 *
 * @throws MediaTypeError, or AppError `too_large` or `invalid` that says what is wrong and where
 */
export async function readJson<T>(
  c: Context,
  schema: z.ZodType<T>,
  maxBytes: number,
  options?: { untyped: boolean },
): Promise<T> {
  const text = await readText(c, 'application/json', maxBytes, options);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid', 'Cannot read the body: it is not JSON.', { cause });
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new AppError('invalid', `Cannot read the body: ${described(result.error.issues[0])}.`);
}

/** Says where the body is wrong and what it must be. No path of our schemas leads through a key of the client's own. */
function described(issue: z.core.$ZodIssue): string {
  // The branch of a union that got furthest is the one that was meant.
  if (issue.code === 'invalid_union') {
    const furthest = issue.errors.map((issues) => issues[0]).find(({ path }) => path.length > 0);
    if (furthest !== undefined) return described({ ...furthest, path: [...issue.path, ...furthest.path] });
  }
  const where = issue.path.length === 0 ? 'it' : `"${issue.path.join('.')}"`;
  if (issue.code === 'unrecognized_keys') return `${where} holds a key that is not known`;
  if (issue.code === 'invalid_type') return `${where} must be ${article(issue.expected)}`;
  if (issue.code === 'too_small') return `${where} must hold at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `${where} must hold at most ${issue.maximum}`;
  return `${where} ${issue.message}`;
}

const article = (expected: string) => (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);
