import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorCode } from '../errors.ts';
import type { FieldError } from '../model/features.ts';

/** nginx's number for a client that closed the connection; the response is counted, and read by nobody. */
export const CLIENT_LEFT = 499;

/** Only this folder knows status codes. */
export const STATUS: Record<ErrorCode, ContentfulStatusCode> = {
  invalid: 400,
  not_found: 404,
  too_large: 413,
  corrupt: 500,
  conflict: 409,
  unavailable: 503,
  too_slow: 408,
  left: CLIENT_LEFT as ContentfulStatusCode,
};

const TITLES: Partial<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid inputs',
  499: 'Client left',
  501: 'Not implemented',
  503: 'Not available now',
};

/** What a status is called. */
export function titleOf(status: number): string {
  return TITLES[status] ?? 'Error';
}

/** One refused input of a request; `row` counts from 0 and is there when the request held several. */
export interface ProblemError extends FieldError {
  row?: number;
}

/** RFC 9457 problem details. */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  detail: string,
  errors?: readonly ProblemError[],
): Response {
  return c.body(
    JSON.stringify({ type: 'about:blank', title: titleOf(status), status, detail, errors }),
    status,
    { 'content-type': 'application/problem+json' },
  );
}
