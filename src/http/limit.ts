import type { MiddlewareHandler } from 'hono';
import { AppError } from '../errors.ts';
import type { Deps } from './deps.ts';

/** Requests under way at once, whose bodies may all be waiting in memory. */
const MAX_REQUESTS = 512;

/** CSVs under way at once: each takes as much of the processor as it gets. */
export const MAX_BATCHES = 8;

/** Answered at any time: whoever looks at a busy server must not take it for a dead one. */
const ALWAYS = new Set(['/livez', '/readyz', '/v2/health/live', '/v2/health/ready']);

/** Refuses what is too much with 503 at once, instead of letting it wait without end. */
export function limitRequests(
  { activity }: Pick<Deps, 'activity'>,
  most: number = MAX_REQUESTS,
): MiddlewareHandler {
  return (c, next) => {
    if (activity.inFlight > most && !ALWAYS.has(c.req.path)) throw tooBusy();
    return next();
  };
}

export function tooBusy(): AppError {
  return new AppError('unavailable', 'Cannot answer now: too much is under way. Try again in a few seconds.');
}
