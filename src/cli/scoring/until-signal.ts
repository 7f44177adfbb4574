import { AppError } from '../../errors.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Runs work that ends early, in its own time, when the process is told to stop: what is aborted says so. */
export async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (name: string) =>
    stop.abort(
      new AppError(
        'unavailable',
        `Cannot finish the run: it was told to stop (${name}). What is done stays done; the same command goes on from there.`,
      ),
    );
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(stop.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
