/**
 * Every worker starts from here. In the compiled binary all modules have the URL of the entry point, which lies
 * beside this file, so that these paths lead to the same place from source and in the binary.
 */

/** One that verifies artifacts: model/load.ts. */
export function spawnLoadWorker(): Worker {
  return new Worker(new URL('./model/load-worker.ts', import.meta.url), { type: 'module' });
}

/** One that grows trees: forest/train-parallel.ts. */
export function spawnTrainWorker(): Worker {
  return new Worker(new URL('./forest/train-worker.ts', import.meta.url), { type: 'module' });
}
