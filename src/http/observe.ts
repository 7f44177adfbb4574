import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Deps } from './deps.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Probes come every few seconds for as long as the server lives; their lines would bury the others. */
const PROBES = new Set(['/livez', '/readyz']);

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
 * is the client's text), and its response gets the security headers.
 */
export function observe({ activity, metrics, log }: Deps): MiddlewareHandler {
  return async (c, next) => {
    const began = performance.now();
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
    if (activity.stopping) headers.set('connection', 'close');

    const pattern = routePath(c, -1);
    const route = pattern === '/*' || pattern === '' ? 'none' : pattern;
    const method = METHODS.has(c.req.method) ? c.req.method : 'OTHER';
    const ms = performance.now() - began;
    metrics.httpRequests.inc({ method, route, status });
    metrics.httpDuration.observe({ method, route }, ms / 1000);
    if (!probe || status >= 400)
      log.info('request', { method, route, status, ms: Math.round(ms * 100) / 100 });
  };
}
