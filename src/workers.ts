/**
 * Starts the program's threads. Here, and nowhere deeper, because in the compiled binary every module's URL is that
 * of the entry in src/: only from a file in src/ does a relative URL lead to a worker's entry.
 */

/** A thread that trains trees. */
export function startTrainWorker(): Worker {
  return new Worker(new URL('./forest/train-worker.ts', import.meta.url), { type: 'module' });
}
