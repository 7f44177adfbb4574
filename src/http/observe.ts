import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { VERSION_HEADER } from './arm.ts';
import type { Deps } from './deps.ts';
import { traceOf } from './trace.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Probes come every few seconds for as long as the server lives; their lines would bury the others. */
const PROBES = new Set(['/livez', '/readyz', '/v2/health/live', '/v2/health/ready']);

const HEADERS: readonly (readonly [string, string])[] = [
  [
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=()'],
];

/**
 * What happens around every request: it is counted, timed and logged by its route's pattern (never its path, which
 * is the client's text), its identifiers go back with the response, and so do the security headers.
 *
 * @param fixed routes without parameters; may be filled in later, before the first request
 */
export function observe(
  { activity, metrics, log, live }: Deps,
  fixed: ReadonlySet<string>,
): MiddlewareHandler {
  const routeOf = (c: Context): string => {
    // Asking Hono costs as much as predicting does; a path without parameters is its own pattern.
    if (fixed.has(c.req.path)) return c.req.path;
    const pattern = routePath(c, -1);
    return pattern === '/*' || pattern === '' ? 'none' : pattern;
  };
  return async (c, next) => {
    const began = performance.now();
    const trace = traceOf(c.req.raw.headers);
    // Probes do not keep a stopping server busy.
    const probe = PROBES.has(c.req.path);
    if (!probe) activity.began();
    try {
      await next();
    } finally {
      if (!probe) activity.ended();
    }
    const { headers, status } = c.res;
    for (const [name, value] of HEADERS) headers.set(name, value);
    headers.set('x-request-id', trace.requestId);
    if (trace.traceparent !== undefined) headers.set('traceparent', trace.traceparent);
    if (activity.stopping) headers.set('connection', 'close');

    const route = routeOf(c);
    const method = METHODS.has(c.req.method) ? c.req.method : 'OTHER';
    const ms = performance.now() - began;
    metrics.http.answered(method, route, status, ms);
    if (!probe || status >= 400) {
      const { requestId, traceId, spanId } = trace;
      // Only what predicts names its model; for the rest it is the one that is live.
      const model = headers.get(VERSION_HEADER) ?? live.model?.version;
      const roundedMs = Math.round(ms * 100) / 100;
      log.info('request', { requestId, traceId, spanId, method, route, status, ms: roundedMs, model });
    }
  };
}
