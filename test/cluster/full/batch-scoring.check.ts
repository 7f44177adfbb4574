/** docs/runbook.md, 'Score a large set', with this checkout's program in the pods: two are killed while they work. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { testModelDirectory } from '../../support/model.ts';
import { apply } from '../support/applied.ts';
import { Bucket } from '../support/bucket.ts';
import { ended, JOBS } from '../support/job.ts';
import { kubectl } from '../support/kubectl.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';
import { podProcesses, received } from '../support/processes.ts';

setDefaultTimeout(2 * CLUSTER_START_MS);

const SAVINGS = join(import.meta.dir, '../../../dist/savings');
const SHARDS = 4;
const NAMES = Array.from({ length: SHARDS }, (_, i) => `part-${String(i).padStart(5, '0')}`);
/** Deleted, as by somebody who cleans up; and ended by the kernel. */
const [DELETED, KILLED] = ['1', '2'];

describe('a batch scoring Job', () => {
  const work = mkdtempSync(join(tmpdir(), 'savings-scored-'));
  const rows = join(work, 'rows.csv');
  let k8s: Cluster;
  let bucket: Bucket;
  beforeAll(async () => {
    k8s = await cluster();
    bucket = await Bucket.of(k8s);
    writeFileSync(rows, [...sampleCsv(500_000, 1)].join(''));
    await bucket.put('to-score/2026-06/rows.csv', await Bun.file(rows).bytes());
    using copy = new KustomizeCopy();
    copy.setImage('prod', IMAGES.good);
    copy.addComponents('overlays/prod', ['batch-scoring']);
    copy.set('overlays/prod/savings.env', { MODEL_BUCKET: bucket.name });
    copy.set('components/batch-scoring/batch-scoring.env', {
      FROM: `s3://${bucket.name}/to-score/2026-06/`,
      TO: `s3://${bucket.name}/scored/2026-06/`,
    });
    copy.replace('components/batch-scoring/cron-job.yaml', /completions: \d+/, `completions: ${SHARDS}`);
    await apply(k8s, ['-k', copy.path('overlays/prod')], {});
  });
  afterAll(() => rmSync(work, { recursive: true }));

  const podsOf = async (index: string) =>
    k8s.api.list(
      `/api/v1/namespaces/default/pods?labelSelector=${encodeURIComponent(`job-name=june,batch.kubernetes.io/job-completion-index=${index}`)}`,
    );

  /** Halts the process of a shard in the middle: it has some of its rows, and has not said that it is done. */
  async function halt(index: string): Promise<number> {
    let pid = 0;
    await k8s.until(`shard ${index} is read`, async () => {
      pid = podProcesses().find(({ environment }) => environment.JOB_COMPLETION_INDEX === index)?.pid ?? 0;
      if (pid === 0 || received(pid) < 1 << 20) return false;
      process.kill(pid, 'SIGSTOP');
      return true;
    });
    expect(await bucket.names('scored/2026-06/')).not.toContain(`${NAMES[Number(index)]}.done.json`);
    return pid;
  }

  test('of which two pods are killed in the middle of a shard makes those shards again', async () => {
    await kubectl(k8s, ['create', 'job', '--from=cronjob/batch-scoring', 'june']);
    await Promise.all([
      halt(DELETED!).then(async (pid) => {
        const [pod] = await podsOf(DELETED!);
        await kubectl(k8s, ['delete', 'pod', pod!.metadata.name, '--wait=false']);
        process.kill(pid, 'SIGCONT');
      }),
      halt(KILLED!).then((pid) => process.kill(pid, 'SIGKILL')),
    ]);
    expect(await ended(k8s, 'june')).toBe('Complete');
    const { status } = await k8s.api.get(`${JOBS}/june`);
    expect(status).toMatchObject({ succeeded: SHARDS, completedIndexes: `0-${SHARDS - 1}`, failed: 2 });
    expect(status.failedIndexes ?? '').toBe('');
    // Killed as kernels do, and run again.
    const codes = (await podsOf(KILLED!)).map(
      ({ status }) => status.containerStatuses[0].state.terminated.exitCode,
    );
    expect(codes.toSorted()).toEqual([0, 137]);
  });

  test('has each row once, as `savings predict` gives it', async () => {
    const found = await bucket.names('scored/2026-06/');
    expect(found).toEqual(['_run.json', ...NAMES.flatMap((name) => [`${name}.csv`, `${name}.done.json`])]);
    const parts = await Promise.all(NAMES.map((name) => bucket.get(`scored/2026-06/${name}.csv`)));
    for (const [i, name] of NAMES.entries()) {
      const done = JSON.parse((await bucket.get(`scored/2026-06/${name}.done.json`)).toString());
      expect(done).toMatchObject({
        rejects: 0,
        sha256: createHash('sha256').update(parts[i]!).digest('hex'),
      });
    }
    const scored = join(work, 'scored.csv');
    // The model that the channel names, as it was published.
    const local = await k8s.run([
      SAVINGS,
      'predict',
      rows,
      '--out',
      scored,
      '--model',
      await testModelDirectory(),
    ]);
    expect(local).toMatchObject({ status: 0 });
    const whole = await Bun.file(scored).bytes();
    const header = parts[0]!.indexOf('\n') + 1;
    const joined = Buffer.concat([parts[0]!, ...parts.slice(1).map((part) => part.subarray(header))]);
    expect(joined.equals(whole)).toBe(true);
    // As the runbook looks at it.
    const place = `s3://${bucket.name}/scored/2026-06/`;
    const told = await k8s.run([SAVINGS, 'predict', '--status', place], { env: k8s.s3.env });
    expect(told).toMatchObject({ status: 0 });
  });

  test('asked for once more in the same place does nothing anew', async () => {
    const before = await bucket.times('scored/2026-06/');
    await kubectl(k8s, ['create', 'job', '--from=cronjob/batch-scoring', 'june-again']);
    expect(await ended(k8s, 'june-again')).toBe('Complete');
    expect(await bucket.times('scored/2026-06/')).toEqual(before);
  });
});
