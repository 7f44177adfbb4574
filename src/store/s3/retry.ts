import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export interface RetryOptions {
  /** Tries in all, the first one counted. */
  attempts: number;
  signal: AbortSignal;
  isTransient: (error: unknown) => boolean;
}

/**
 * Tries again what may succeed a moment later, after pauses that double, each a random share of its bound so that
 * many servers do not come back at once ("full jitter": Brooker, AWS Architecture Blog, 2015,
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @throws the last try's error
 */
export async function retry<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, signal, isTransient } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= attempts || signal.aborted || !isTransient(error)) throw error;
      const bound = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      await sleep(Math.random() * bound, undefined, { signal });
    }
  }
}
