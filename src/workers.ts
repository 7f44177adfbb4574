/**
 * Every worker starts from here. In the compiled binary a module has the URL of its chunk, and chunks lie beside the
 * entry point, which lies beside this file: these paths lead to the same place from source and in the binary.
 */

/** Starts a worker that verifies artifacts, for model/artifact/load.ts. */
export function spawnLoadWorker(): Worker {
  return new Worker(new URL('./model/artifact/load-worker.ts', import.meta.url), { type: 'module' });
}

/** Starts a worker that grows trees, for forest/train/train-parallel.ts. */
export function spawnTrainWorker(): Worker {
  return new Worker(new URL('./forest/train/train-worker.ts', import.meta.url), { type: 'module' });
}

/** Starts a worker that scores chunks of CSVs, for dataset/scoring/scoring-pool.ts. */
export function spawnScoringWorker(): Worker {
  return new Worker(new URL('./dataset/scoring/scoring-worker.ts', import.meta.url), { type: 'module' });
}
