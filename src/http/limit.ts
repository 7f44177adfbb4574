import { Hono } from 'hono';
import { AppError } from '../errors.ts';
import type { InFlight, Limited } from '../serving/in-flight.ts';
import type { Deps } from './deps.ts';
import { errorResponse } from './errors.ts';
import { pathOf } from './paths.ts';
import { PROBE_PATHS } from './probes.ts';

/** Requests under way at once, whose bodies may all be waiting in memory. */
export const MAX_REQUESTS = 512;

/** CSVs under way at once: each takes as much of the processor as it gets. */
export const MAX_BATCHES = 8;

/** Refuses requests beyond the bound with 503 at once, instead of letting them wait without end; probes are answered. */
export function limit(app: Hono, deps: Pick<Deps, 'inFlight' | 'log'>): Hono['fetch'] {
  const handle = app.fetch;
  const busy = new Hono().onError((error, c) => errorResponse(error, c, deps));
  busy.all('*', () => {
    throw tooBusy(deps.inFlight, 'requests');
  });
  return (request, routed) => {
    const tooMany = deps.inFlight.count > MAX_REQUESTS && !PROBE_PATHS.has(pathOf(request, routed));
    return (tooMany ? busy.fetch : handle)(request, routed);
  };
}

/** @param of what there is too much of; it is counted */
export function tooBusy({ refused }: InFlight, of: Limited): AppError {
  refused[of]++;
  return new AppError('unavailable', 'Cannot answer now: too much is under way. Try again in a few seconds.');
}
