import type { Hono } from 'hono';
import type { Deps } from './deps.ts';
import { type RequestContext, VERSION_HEADER } from './request-context.ts';
import { METHODS } from './methods.ts';
import { pathOf, patternsOf } from './paths.ts';
import { CLIENT_LEFT } from './problem.ts';
import { secure } from './security-headers.ts';
import { REQUEST_ID_HEADER, traceOf } from './trace.ts';

/** Probes come every few seconds for as long as the server lives; their lines would bury the others. */
const PROBES = new Set(['/livez', '/readyz', '/v2/health/live', '/v2/health/ready']);

/**
 * What happens around every request: it is counted, timed and logged by its route's pattern (never its path, which
 * is the client's text), its identifiers go back with the response, and so do the security headers.
 *
 * It stands around the app and not in it: a route with middleware costs Hono twice one without.
 */
export function telemetry(app: Hono, deps: Deps): Hono['fetch'] {
  const { inFlight, metrics, log, live } = deps;
  const answer = app.fetch;
  const routeOf = patternsOf(app);
  return async (request, routed) => {
    const began = performance.now();
    const given = request.method;
    const trace = traceOf(request.headers);
    const path = pathOf(request, routed);
    const requestContext: RequestContext = { path, trace, model: undefined, complete: false };
    // Probes do not keep a stopping server busy.
    const probe = PROBES.has(path);
    if (!probe) inFlight.began();
    let response: Response;
    try {
      response = await answer(request, requestContext);
    } finally {
      if (!probe) inFlight.ended();
    }
    const { status } = response;
    if (!requestContext.complete) {
      const headers = secure(response.headers);
      headers.set(REQUEST_ID_HEADER, trace.requestId);
      if (requestContext.model !== undefined) headers.set(VERSION_HEADER, requestContext.model.version);
    }
    if (trace.traceparent !== undefined) response.headers.set('traceparent', trace.traceparent);
    if (inFlight.stopping) response.headers.set('connection', 'close');

    const known = METHODS.has(given);
    const method = known ? given : 'OTHER';
    // A method that is not known leads to no route.
    const route = known ? routeOf(given, path) : 'none';
    const ms = performance.now() - began;
    metrics.http.answered(method, route, status, ms);
    if (!probe || status >= 400) {
      const { requestId, traceId, spanId } = trace;
      // Only what predicts names its model; for the rest it is the one that is live.
      const { version: model } = requestContext.model ?? live.model ?? {};
      const roundedMs = Math.round(ms * 100) / 100;
      // Anybody can leave as often as they like.
      const write = status === CLIENT_LEFT ? log.debug : log.info;
      write('request', { requestId, traceId, spanId, method, route, status, ms: roundedMs, model });
    }
    return response;
  };
}
