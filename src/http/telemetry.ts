import type { Hono } from 'hono';
import type { Deps } from './deps.ts';
import { METHODS } from './methods.ts';
import { pathOf, patternsOf } from './paths.ts';
import { PROBE_PATHS } from './probes.ts';
import { CLIENT_LEFT } from './problem.ts';
import type { RequestContext } from './request-context.ts';
import { addHeaders } from './response-headers.ts';
import { traceOf } from './trace.ts';

/**
 * What happens around every request: it is counted, timed and logged by its route's pattern (never its path, which
 * is the client's text), and its response gets the headers that all have.
 *
 * It stands around the app and not in it: a route with middleware costs Hono twice one without.
 */
export function telemetry(app: Hono, deps: Deps): Hono['fetch'] {
  const { inFlight, metrics, log, live } = deps;
  const handle = app.fetch;
  const routeOf = patternsOf(app);
  return async (request, routed) => {
    const began = performance.now();
    const given = request.method;
    const trace = traceOf(request.headers);
    const path = pathOf(request, routed);
    const requestContext: RequestContext = { path, trace, model: undefined, hasHeaders: false };
    const probe = PROBE_PATHS.has(path);
    if (!probe) inFlight.began();
    let response: Response;
    try {
      response = await handle(request, requestContext);
    } finally {
      if (!probe) inFlight.ended();
    }
    addHeaders(response, requestContext, inFlight.stopping);

    const { status } = response;
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
      // A client can leave as often as it likes: its lines would bury the others.
      const write = status === CLIENT_LEFT ? log.debug : log.info;
      write('request', { requestId, traceId, spanId, method, route, status, ms: roundedMs, model });
    }
    return response;
  };
}
