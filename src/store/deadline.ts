import { AppError } from '../errors.ts';

export interface Deadline {
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Aborts when the time is up, or when the caller's own signal does. */
export function operationSignal({ timeoutMs, signal }: Deadline): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal ? AbortSignal.any([timeout, signal]) : timeout;
}

/** What an aborted operation is reported as. */
export function deadlineError(what: string, { timeoutMs, signal }: Deadline, cause?: unknown): AppError {
  const reason = signal?.aborted ? 'it was cancelled' : `it took longer than ${timeoutMs} ms`;
  return new AppError('unavailable', `Cannot ${what}: ${reason}`, { cause });
}

/** Settles as `work` does, or fails when the signal aborts first, whether or not `work` heeds it. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
