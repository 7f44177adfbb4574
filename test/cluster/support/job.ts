import type { Cluster } from '../../../tools/cluster/cluster.ts';

export const JOBS = '/apis/batch/v1/namespaces/default/jobs';

/** Waits until a Job is over. @returns how it ended */
export async function ended(cluster: Cluster, job: string): Promise<'Complete' | 'Failed'> {
  let end: 'Complete' | 'Failed' | undefined;
  await cluster.until(
    `the Job ${job} ends`,
    async () => {
      const { status } = await cluster.api.get(`${JOBS}/${job}`);
      for (const { type, status: holds } of status.conditions ?? [])
        if ((type === 'Complete' || type === 'Failed') && holds === 'True') end = type;
      return end !== undefined;
    },
    100,
  );
  return end!;
}
