import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AppError } from '../errors.ts';
import type { Deps } from './deps.ts';
import { errorPage } from './error-page.tsx';
import { type ProblemError, problem, STATUS } from './problem.ts';
import { RETRY_AFTER } from './response-headers.ts';

/** Foreseen failures are shown as they are; anything else is a defect: logged whole, shown as nothing but that. */
export function errorResponse(error: unknown, c: Context, { log }: Pick<Deps, 'log'>): Response {
  if (error instanceof RefusedInputsError) return problem(c, 422, error.message, error.errors);
  if (error instanceof MediaTypeError) {
    c.header('accept', error.expected);
    return refusal(c, 415, error.message);
  }
  if (error instanceof EncodingError) {
    c.header('accept-encoding', error.known.join(', '));
    return refusal(c, 415, error.message);
  }
  if (error instanceof AppError) {
    if (error.code === 'unavailable') c.header(...RETRY_AFTER);
    return refusal(c, STATUS[error.code], error.message);
  }
  if (error instanceof HTTPException) return error.getResponse();
  logDefect(log, error);
  return refusal(c, 500, 'Internal error.');
}

export function logDefect(log: Deps['log'], error: unknown): void {
  log.error('defect', { name: (error as Error)?.name, stack: (error as Error)?.stack });
}

/** In the form that the client expects: the inference protocol's errors, a page for a browser, or problem details. */
export function refusal(c: Context, status: ContentfulStatusCode, detail: string): Response {
  if (/^\/v2(\/|$)/.test(c.req.path)) return c.json({ error: detail }, status);
  if (asksForPage(c)) return errorPage(c, status, detail);
  return problem(c, status, detail);
}

/** A browser that goes to an address says first of all that it takes HTML; programs ask for anything, or for JSON. */
function asksForPage(c: Context): boolean {
  return !c.req.path.startsWith('/api/') && (c.req.header('accept') ?? '').startsWith('text/html');
}

/** Inputs that a request may not hold; thrown, so that a route's own response has one type. */
export class RefusedInputsError extends Error {
  readonly errors: readonly ProblemError[];

  constructor(message: string, errors: readonly ProblemError[]) {
    super(message);
    this.name = 'RefusedInputsError';
    this.errors = errors;
  }
}

/** A body of a kind that the route does not read. */
export class MediaTypeError extends Error {
  readonly expected: string;

  constructor(expected: string) {
    super(`Cannot read the body: send it as ${expected}.`);
    this.name = 'MediaTypeError';
    this.expected = expected;
  }
}

/** A body whose Content-Encoding is none of those that are known. */
export class EncodingError extends Error {
  readonly known: readonly string[];

  constructor(known: readonly string[]) {
    const names = known.join(' or ');
    super(
      `Cannot read the body: its Content-Encoding must be ${names}, or left out for what is not compressed.`,
    );
    this.name = 'EncodingError';
    this.known = known;
  }
}
