import { Hono } from 'hono';
import { AppError } from '../errors.ts';
import type { Deps } from './deps.ts';
import { errorResponse } from './errors.ts';
import { pathOf } from './paths.ts';

/** Requests under way at once, whose bodies may all be waiting in memory. */
const MAX_REQUESTS = 512;

/** CSVs under way at once: each takes as much of the processor as it gets. */
export const MAX_BATCHES = 8;

/** Answered at any time: whoever looks at a busy server must not take it for a dead one. */
const ALWAYS = new Set(['/livez', '/readyz', '/v2/health/live', '/v2/health/ready']);

/** Refuses what is too much with 503 at once, instead of letting it wait without end. */
export function limit(
  app: Hono,
  deps: Pick<Deps, 'inFlight' | 'log'>,
  most: number = MAX_REQUESTS,
): Hono['fetch'] {
  const answer = app.fetch;
  const busy = new Hono().onError((error, c) => errorResponse(error, c, deps));
  busy.all('*', () => {
    throw tooBusy();
  });
  return (request, routed) => {
    const tooMuch = deps.inFlight.count > most && !ALWAYS.has(pathOf(request, routed));
    return (tooMuch ? busy.fetch : answer)(request, routed);
  };
}

export function tooBusy(): AppError {
  return new AppError('unavailable', 'Cannot answer now: too much is under way. Try again in a few seconds.');
}
