import { type Deadline, withDeadline } from '../deadline.ts';
import { AppError } from '../errors.ts';

/**
 * Settles as `run` does, or fails when its time is up or the caller's signal aborts. What `run` is given aborts once it
 * is given up, so that it ends what it has begun.
 * @param what for the message: `read s3://bucket/key`
 * @throws AppError `unavailable`
 */
export function withinDeadline<T>(
  what: string,
  deadline: Deadline,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  return withDeadline(run(end.signal), deadline, (reason) => {
    const why = reason === 'late' ? `it took longer than ${deadline.timeoutMs} ms` : 'it was cancelled';
    return new AppError('unavailable', `Cannot ${what}: ${why}.`);
  }).finally(() => end.abort());
}
