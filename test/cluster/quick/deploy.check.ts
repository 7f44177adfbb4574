/** The deploy workflow's scripts, run as the workflow is let in, and what people who come meanwhile see of it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster as theCluster } from '../../support/cluster.ts';
import { everything } from '../support/everything.ts';
import { kubectlLines } from '../support/kubectl-lines.ts';
import { Live } from '../support/live.ts';
import { LiveRepository } from '../support/live-repository.ts';

setDefaultTimeout(CLUSTER_START_MS);

const WENT_WELL = { code: 0, output: expect.stringContaining('shows predictions of model') };

describe('deploy.sh on a cluster', () => {
  let cluster: Cluster;
  let repository: LiveRepository;
  let live: Live;
  let empty: string[];
  beforeAll(async () => {
    cluster = await theCluster();
    repository = await LiveRepository.of(cluster);
    live = new Live(cluster);
    await live.prepare(repository);
    empty = await everything(cluster);
  });
  afterAll(async () => {
    await live?.leave();
    repository?.close();
  });

  test('rolls out the first, which shows predictions at the public address, and records it', async () => {
    const commit = repository.git(repository.checkout, 'rev-parse', 'HEAD');
    const { code, output } = await repository.deploy(IMAGES.good);
    expect({ code, output }).toEqual(WENT_WELL);
    expect(output).not.toMatch(/warning/i);
    expect(await live.images()).toEqual([IMAGES.good]);
    expect(repository.recorded).toEndWith(`Deployed-Commit: ${commit}\nDeployed-Image: ${IMAGES.good}`);
    // By the autoscaler.
    await live.ready();
    await live.visit();
  });

  test('goes back from an image that never becomes ready, and says why', async () => {
    const before = await live.state();
    repository.edit('kustomize/overlays/prod/savings.env', (text) => `${text}LOG_LEVEL=debug\n`);
    repository.push('Break it');
    const { code, output } = await repository.deploy(IMAGES.neverReady);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('exceeded its progress deadline'),
    });
    expect(output).toContain('going back to');
    expect(output).toContain('\nBack at ');
    await live.expectBackAt(before);
    expect(repository.history).toHaveLength(1);
  });

  test('rolls out the next, and loses no request of those who come meanwhile', async () => {
    const commit = repository.push('Second');
    expect(await repository.deploy(IMAGES.better)).toEqual(WENT_WELL);
    expect(await live.images()).toEqual([IMAGES.better]);
    expect(repository.recorded).toContain(`Deployed-Commit: ${commit}`);
    const { answered, failures } = await live.leave();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });

  test('leaves after teardown what eks/README.md says, and no more', async () => {
    const lines = kubectlLines('## Back to nothing').filter((line) => line.includes('overlays'));
    expect(lines).toHaveLength(1);
    expect(await repository.asDocumented(lines, { ENVIRONMENT: 'prod' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    // Each setting that was ever deployed has its ConfigMap; the last one's goes. Pods take their time to leave.
    const stays = /^(ConfigMap default savings-[a-z0-9]{10}|Pod default .*)$/;
    await cluster.until('no more should be left', async () => {
      const left = (await everything(cluster)).filter((object) => !empty.includes(object));
      return left.every((object) => stays.test(object));
    });
    expect(await live.pods()).toEqual([]);
  });
});
