export interface Deadline {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** Why work was given up: its time was up, or the caller's signal aborted. */
export type GiveUpReason = 'late' | 'aborted';

/**
 * Settles as `work` does, or fails with `error` when the time is up or the signal aborts first. The work itself goes
 * on unless its owner ends it, so that this also holds where a library or a runtime heeds no signal. Nothing stays on
 * the signal, which may live as long as the process.
 */
export function withDeadline<T>(
  work: Promise<T>,
  { timeoutMs, signal }: Deadline,
  error: (reason: GiveUpReason) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(error('aborted'));
    const timer = setTimeout(() => reject(error('late')), timeoutMs);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  });
}
