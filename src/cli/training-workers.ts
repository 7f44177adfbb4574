import { availableParallelism } from 'node:os';
import type { Workers } from '../training/grow-forest.ts';
import { spawnTrainWorker } from '../workers.ts';

/** More would mostly wait for memory, and by the exact method each holds the sorted columns once more. */
const MAX_DEFAULT = 8;

/** Threads to train on; as many as there are processors where no number is given. */
export function trainingWorkers(count = Math.min(MAX_DEFAULT, availableParallelism())): Workers {
  return { spawn: spawnTrainWorker, count };
}
