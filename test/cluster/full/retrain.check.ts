/** docs/runbook.md, 'Train again now', with this checkout's program in the pods. */
import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { newKeyPair } from '../../support/key-pair.ts';
import { apply } from '../support/applied.ts';
import { Bucket } from '../support/bucket.ts';
import { ended } from '../support/job.ts';
import { kubectl } from '../support/kubectl.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';

setDefaultTimeout(CLUSTER_START_MS);

const rows = (count: number, seed: number) => [...sampleCsv(count, seed)].join('');

describe('the CronJob that trains again, asked for by hand', () => {
  let k8s: Cluster;
  let bucket: Bucket;
  beforeAll(async () => {
    k8s = await cluster();
    bucket = await Bucket.of(k8s);
    await bucket.put('labelled/2026-06-01.csv', rows(1_500, 1));
    await bucket.put('labelled/2026-06-08.csv', rows(500, 2));
    using copy = filledIn('retrained');
    await apply(k8s, ['-k', copy.path('overlays/prod')], {});
  });

  /** @param channel one that nobody else uses in this bucket */
  function filledIn(channel: string): KustomizeCopy {
    const copy = new KustomizeCopy();
    copy.setImage('prod', IMAGES.good);
    copy.addComponents('overlays/prod', ['retrain']);
    copy.set('overlays/prod/savings.env', { MODEL_BUCKET: bucket.name });
    copy.set('components/retrain/retrain.env', {
      DATA: `s3://${bucket.name}/labelled/`,
      CHANNEL: channel,
    });
    return copy;
  }

  /** Runs it to its end. @returns how its only pod ended, and the lines of its log */
  async function run(name: string) {
    await kubectl(k8s, ['create', 'job', '--from=cronjob/retrain', name]);
    const end = await ended(k8s, name);
    const pods = await k8s.api.list(`/api/v1/namespaces/default/pods?labelSelector=job-name%3D${name}`);
    // What would be the same again is not tried again.
    expect(pods.length).toBe(1);
    const { exitCode } = pods[0]!.status.containerStatuses[0].state.terminated;
    const log = (await kubectl(k8s, ['logs', `job/${name}`])).split('\n');
    return { end, exitCode, log };
  }

  const channel = async (name: string) => JSON.parse((await bucket.get(`channels/${name}.json`)).toString());
  const versions = async () =>
    new Set((await bucket.names('versions/')).map((name) => name.slice(0, name.indexOf('/'))));

  test('publishes a version of the rows, which its channel names, and prod does not', async () => {
    const [before, prod] = [await versions(), await channel('prod')];
    const { log, ...ran } = await run('retrain-now');
    expect(ran).toEqual({ end: 'Complete', exitCode: 0 });
    const made = [...(await versions()).difference(before)];
    expect(made).toHaveLength(1);
    expect(log.at(-1)).toContain(`retrained`);
    expect(log.at(-1)).toContain(made[0]);
    expect(await channel('retrained')).toMatchObject({ version: made[0] });
    expect(await channel('prod')).toEqual(prod);
  });

  test('finds nothing new in the same rows, and is done too', async () => {
    const [before, named] = [await versions(), await channel('retrained')];
    expect(await run('retrain-again')).toMatchObject({ end: 'Complete', exitCode: 0 });
    expect([await versions(), await channel('retrained')]).toEqual([before, named]);
  });

  test('of which the newest are too few to tell, publishes it and leaves the channel', async () => {
    const [before, named] = [await versions(), await channel('retrained')];
    await bucket.put('labelled/2026-06-15.csv', rows(60, 3));
    const { log, ...ran } = await run('retrain-few');
    expect(ran).toEqual({ end: 'Failed', exitCode: 4 });
    expect(log.at(-1)).toContain('to channel retrained: on 60 rows');
    expect((await versions()).difference(before).size).toBe(1);
    expect(await channel('retrained')).toEqual(named);
  });

  test('where servers ask for signatures, stops until it has a key, and then signs', async () => {
    const { publicPem, privatePem } = await newKeyPair();
    using copy = filledIn('retrained-signed');
    const prod = copy.path('overlays/prod');
    writeFileSync(join(prod, 'public-key.pem'), publicPem);
    copy.edit('overlays/prod', ({ configMapGenerator: [settings] }) => {
      settings.files = ['MODEL_PUBLIC_KEY=public-key.pem'];
    });
    await apply(k8s, ['-k', prod], {});
    // What was made of the others already has no signature.
    await bucket.put('labelled/2026-06-22.csv', rows(500, 4));
    const before = await versions();
    expect(await run('retrain-no-key')).toMatchObject({ end: 'Failed', exitCode: 2 });
    expect(await versions()).toEqual(before);

    writeFileSync(join(copy.folder, 'model.key'), privatePem);
    await kubectl(k8s, ['create', 'secret', 'generic', 'savings-signing-key', '--from-file=model.key'], {
      cwd: copy.folder,
    });
    expect(await run('retrain-signed')).toMatchObject({ end: 'Complete', exitCode: 0 });
    const [made] = (await versions()).difference(before);
    expect(await bucket.names(`versions/${made}/`)).toContain('model.sig');
    const env = { ...k8s.s3.env, MODEL_PUBLIC_KEY: publicPem };
    const told = await k8s.run(['dist/savings', 'verify', 'channel:retrained-signed'], { env });
    expect(told).toMatchObject({ status: 0, stdout: expect.stringContaining(made!) });
  });
});
