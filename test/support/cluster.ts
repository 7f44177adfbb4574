import { type Cluster, startCluster } from '../../tools/cluster/cluster.ts';
import { testModelDirectory } from './model.ts';

/** For the hook that first asks. */
export const CLUSTER_START_MS = 120_000;

const SHARED = Symbol.for('savings.test.cluster');
type Shared = typeof globalThis & { [SHARED]?: Promise<Cluster> };

/**
 * The cluster of this test run, emptied: started by the first test file that asks, some 15 s, with a small model in its
 * bucket under the channels `dev` and `prod`. It ends with its PID namespace (.ci/cluster).
 */
export async function cluster(): Promise<Cluster> {
  const shared = globalThis as Shared;
  const isFirst = shared[SHARED] === undefined;
  shared[SHARED] ??= start();
  const started = await shared[SHARED];
  if (!isFirst) await started.clear();
  return started;
}

async function start(): Promise<Cluster> {
  const programs = process.env.CLUSTER_PROGRAMS;
  if (programs === undefined) throw new Error('CLUSTER_PROGRAMS is not set. Run it by .ci/cluster.');
  const started = await startCluster(programs);
  await started.publish(`${await testModelDirectory()}/versions/test-1`, ['dev', 'prod']);
  return started;
}
