import { ScoringPool } from '../dataset/scoring/scoring-pool.ts';
import { spawnScoringWorker } from '../workers.ts';
import { usableProcessors } from './processors.ts';

/** One thread, which reads and writes, has no work for more. */
const MAX_DEFAULT = 8;

/** Where nothing limits its processors a pod's memory is limited all the same, and each takes some 20 MB. */
const MAX_DEFAULT_OF_SERVER = 2;

/**
 * Threads that score the rows of one CSV; undefined when that is left to the main thread, which is one thread in all.
 *
 * @param count as many as there are processors where it is not given
 */
export function scoringWorkers(count = Math.min(MAX_DEFAULT, usableProcessors())): ScoringPool | undefined {
  return count > 1 ? new ScoringPool({ spawn: spawnScoringWorker, size: count }) : undefined;
}

/** Threads that score all uploads of a server, which answers everything else meanwhile; undefined for 0. */
export function uploadWorkers(
  count = Math.min(MAX_DEFAULT_OF_SERVER, usableProcessors()),
): ScoringPool | undefined {
  return count > 0 ? new ScoringPool({ spawn: spawnScoringWorker, size: count }) : undefined;
}
