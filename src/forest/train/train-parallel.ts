import { type TrainedTree, type TrainHooks, type TrainJob, trainJob, writeForest } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingData } from './training-data.ts';
import type { ForestWriter } from './tree-writer.ts';

/** The part of a web worker that training needs. */
export interface TrainWorker {
  postMessage(message: TrainJob | number): void;
  onmessage: ((event: MessageEvent<TrainedTree>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

/**
 * Starts `train-worker.ts` as a module worker. The caller gives it, as
 * `new Worker(new URL('./forest/train/train-worker.ts', import.meta.url), { type: 'module' })` in a file that lies directly
 * in src/: in the compiled binary every chunk lies beside the entry point, so no other path leads there.
 */
export type SpawnTrainWorker = () => TrainWorker;

/**
 * `trainForest` on several workers, with the same bytes as its result: each worker grows the trees that it is handed
 * one by one. By the exact method it walks the whole chain of seeds and sorts the columns for itself; bins are shared.
 *
 * @param hooks the signal ends the workers at once.
 * @throws AppError `invalid` when data or options make no sense.
 */
export async function trainInParallel(
  data: TrainingData,
  options: Partial<TrainOptions>,
  writer: ForestWriter,
  spawn: SpawnTrainWorker,
  workerCount: number,
  hooks: TrainHooks = {},
): Promise<string> {
  const job = trainJob(data, options, writer);
  const checked = job.options;
  hooks.signal?.throwIfAborted();
  const trees: TrainedTree[] = [];
  let next = 0;
  let done = 0;
  const workers: TrainWorker[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      hooks.signal?.addEventListener('abort', () => reject(hooks.signal?.reason), { once: true });
      for (let w = 0; w < Math.min(workerCount, checked.nEstimators); w++) {
        const worker = spawn();
        workers.push(worker);
        worker.onerror = (event) => reject(new Error(`Cannot train: a worker failed (${event.message}).`));
        worker.onmessage = ({ data: trained }) => {
          trees[trained.tree] = trained;
          done++;
          void hooks.onProgress?.(done, checked.nEstimators);
          if (next < checked.nEstimators) worker.postMessage(next++);
          if (done === checked.nEstimators) resolve();
        };
        worker.postMessage(job);
        worker.postMessage(next++);
      }
    });
  } finally {
    for (const worker of workers) worker.terminate();
  }
  return writeForest(trees, checked, data.columns.length);
}
