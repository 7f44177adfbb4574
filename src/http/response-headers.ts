import type { Context, TypedResponse } from 'hono';
import type { Model } from '../model/model.ts';
import { type RequestContext, requestContextOf } from './request-context.ts';
import { REQUEST_ID_HEADER, TRACEPARENT_HEADER } from './trace.ts';

/** Names the version of the model that predicted. */
export const VERSION_HEADER = 'savings-model-version';

/** Keeps a response out of caches: it holds figures of a household, or is true only now. */
export const NO_STORE = { 'cache-control': 'no-store' };

/** Of a CSV that a browser saves under a name. */
export const csvDownload = (name: string) => ({
  'content-type': 'text/csv; charset=utf-8',
  'content-disposition': `attachment; filename="${name}"`,
  ...NO_STORE,
});

/** Says in how many seconds to try again what is not available now. */
export const RETRY_AFTER = ['retry-after', '5'] as const;

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const SECURITY_HEADERS = Object.entries({
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
});

/** Adds what every response carries. Those of `jsonResponse` have most of it already. */
export function addHeaders(
  response: Response,
  { hasHeaders, model, trace }: RequestContext,
  closing: boolean,
): void {
  // Only what needs it opens the headers: that alone costs a twentieth of a prediction.
  if (!hasHeaders) {
    const { headers } = response;
    for (const [name, value] of SECURITY_HEADERS) headers.set(name, value);
    if (model !== undefined) headers.set(VERSION_HEADER, model.version);
    headers.set(REQUEST_ID_HEADER, trace.requestId);
  }
  if (trace.traceparent !== undefined) response.headers.set(TRACEPARENT_HEADER, trace.traceparent);
  if (closing) response.headers.set('connection', 'close');
}

/** The headers of a model's predictions, made once, but for the request's own identifier. */
const predictionHeaders = new WeakMap<Model, Headers>();

function headersOf(model: Model): Headers {
  let headers = predictionHeaders.get(model);
  if (headers === undefined) {
    headers = new Headers([
      ...SECURITY_HEADERS,
      ['content-type', 'application/json'],
      ...Object.entries(NO_STORE),
      [VERSION_HEADER, model.version],
    ]);
    predictionHeaders.set(model, headers);
  }
  return headers;
}

/** A response with the type of its JSON, for hono/client. */
export type JsonResponse<T> = Response & TypedResponse<T, 200, 'json'>;

/**
 * What `c.json` does, for responses with predictions, in less time: all headers but one are made once a model.
 *
 * @param model the one that predicted
 */
export function jsonResponse<T>(c: Context, model: Model, value: T): JsonResponse<T> {
  const requestContext = requestContextOf(c);
  const headers = headersOf(model);
  // The response copies them, so the next one's identifier may take this one's place.
  headers.set(REQUEST_ID_HEADER, requestContext.trace.requestId);
  const response: Response = new Response(JSON.stringify(value), { headers });
  requestContext.hasHeaders = true;
  return response as JsonResponse<T>;
}
