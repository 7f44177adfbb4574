import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { canEdit } from './can-deploy.ts';
import { imageOf, Rehearsal } from './rehearsal.ts';

describe.skipIf(!canEdit)('a deployment', () => {
  let rehearsal: Rehearsal;
  beforeEach(() => {
    rehearsal = new Rehearsal();
  });
  afterEach(() => rehearsal.close());

  const setLogLevel = (level: string) =>
    rehearsal.edit('kustomize/base/savings.env', (text) => `${text}LOG_LEVEL=${level}\n`);

  test('applies the commit with its image, and then records what runs where main is left alone', async () => {
    const commit = rehearsal.push('First');
    const { code, output } = await rehearsal.deploy(imageOf('1'));
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('model v7') });
    expect(rehearsal.appliedImage).toBe(imageOf('1'));
    expect(rehearsal.recorded).toBe(
      `Deploy ${commit.slice(0, 12)} to prod\n\nDeployed-Commit: ${commit}\nDeployed-Image: ${imageOf('1')}`,
    );
    expect(rehearsal.git(rehearsal.origin, 'rev-parse', 'main')).toBe(commit);
    // Applying the branch by hand changes nothing.
    expect(rehearsal.recordedManifests()).toEqual(rehearsal.applied);
  });

  test('needs nobody to push to main: not to record a good one, nor to go back from a bad one', async () => {
    rehearsal.protectMain();
    expect(await rehearsal.deploy(imageOf('1'))).toMatchObject({ code: 0 });
    const good = rehearsal.applied;
    const { code, output } = await rehearsal.deploy(imageOf('bad'));
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('Back at') });
    expect(rehearsal.applied).toEqual(good);
  });

  test('goes back to the manifests and the image of the last good one when its rollout fails', async () => {
    await rehearsal.deploy(imageOf('1'));
    const good = rehearsal.applied;
    rehearsal.sync();
    setLogLevel('debug');
    rehearsal.push('Break it');
    const { code, output } = await rehearsal.deploy(imageOf('bad'));
    expect(code).toBe(1);
    expect(output).toContain('going back');
    expect(rehearsal.applies).toBe(3);
    expect(rehearsal.applied).toEqual(good);
    expect(rehearsal.history).toHaveLength(1);
    // Before it goes back it says why, also for pods that never started and by the scheduler's own events.
    expect(rehearsal.questions.slice(-3)).toEqual([
      expect.stringMatching(/^get pods /),
      expect.stringMatching(/^logs .*--ignore-errors/),
      expect.stringMatching(/^get events .*--sort-by=.metadata.creationTimestamp/),
    ]);
  });

  test('goes back to the one before also when it was itself tried before', async () => {
    await rehearsal.deploy(imageOf('1'));
    rehearsal.push('Second');
    for (let run = 0; run < 2; run++) {
      expect((await rehearsal.deploy(imageOf('bad'))).code).toBe(1);
      expect(rehearsal.appliedImage).toBe(imageOf('1'));
    }
  });

  test('goes back when the public address does not answer well', async () => {
    await rehearsal.deploy(imageOf('1'));
    rehearsal.sync();
    rehearsal.push('Second');
    rehearsal.healthy = false;
    const { code, output } = await rehearsal.deploy(imageOf('2'));
    expect(code).toBe(1);
    expect(output).toContain('/readyz does not answer');
    expect(rehearsal.appliedImage).toBe(imageOf('1'));
    expect(rehearsal.history).toHaveLength(1);
  });

  test('goes back to what was applied, not to what main held when the pin was written', async () => {
    // While the first deployment ran, somebody pushed a change that was never deployed well.
    const first = rehearsal.git(rehearsal.checkout, 'rev-parse', 'HEAD');
    setLogLevel('debug');
    rehearsal.push('Not deployed yet');
    rehearsal.sync(first);
    expect((await rehearsal.deploy(imageOf('1'))).code).toBe(0);
    rehearsal.sync();
    rehearsal.push('Third');
    expect((await rehearsal.deploy(imageOf('bad'))).code).toBe(1);
    expect(rehearsal.appliedImage).toBe(imageOf('1'));
    expect(rehearsal.appliedSettings.LOG_LEVEL).toBeUndefined();
  });

  test('fails when it is not what is live in the end, since somebody else deployed meanwhile', async () => {
    await rehearsal.deploy(imageOf('1'));
    rehearsal.push('Second');
    rehearsal.appliedMeanwhile(imageOf('3'));
    const { code, output } = await rehearsal.deploy(imageOf('2'));
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining(`${imageOf('3')} is live: somebody else deployed at the same time`),
    });
    expect(rehearsal.history).toHaveLength(1);
  });

  test('fails when nobody tells what is live in the end, and does not go back for that', async () => {
    await rehearsal.deploy(imageOf('1'));
    rehearsal.push('Second');
    rehearsal.tellsNoImage();
    const { code, output } = await rehearsal.deploy(imageOf('2'));
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('does not tell whether it is live'),
    });
    expect(output).not.toContain('somebody else');
    expect(rehearsal.appliedImage).toBe(imageOf('2'));
    expect(rehearsal.history).toHaveLength(1);
  });

  test('says so when the first one fails and there is nothing to go back to', async () => {
    const { code, output } = await rehearsal.deploy(imageOf('bad'));
    expect(code).toBe(1);
    expect(output).toContain('there is none before it to go back to');
    expect(rehearsal.applies).toBe(1);
  });

  test('records on top of what others recorded meanwhile', async () => {
    rehearsal.interfereWithNextPush();
    const { code, output } = await rehearsal.deploy(imageOf('1'));
    expect(code).toBe(0);
    expect(output).toContain('Could not record the deployment (try 1');
    expect(rehearsal.history).toEqual([expect.stringContaining('Deploy '), 'Meanwhile']);
    expect(rehearsal.recordedManifests()).toEqual(rehearsal.applied);
  });

  test('keeps each deployment in the history of the branch', async () => {
    await rehearsal.deploy(imageOf('1'));
    const second = rehearsal.push('Second');
    await rehearsal.deploy(imageOf('2'));
    expect(rehearsal.history).toHaveLength(2);
    expect(rehearsal.recorded).toContain(`Deployed-Commit: ${second}`);
  });

  test('never goes over a newer one', async () => {
    const old = rehearsal.git(rehearsal.checkout, 'rev-parse', 'HEAD');
    rehearsal.push('Newer');
    await rehearsal.deploy(imageOf('2'));
    rehearsal.sync(old);
    const again = await rehearsal.deploy(imageOf('1'));
    expect(again).toEqual({ code: 1, output: expect.stringContaining('is already deployed') });
    expect(rehearsal.appliedImage).toBe(imageOf('2'));
    expect(await rehearsal.run('record-deployed.sh', imageOf('1'))).toEqual({
      code: 0,
      output: expect.stringContaining('left as it is'),
    });
    expect(rehearsal.recorded).toContain(imageOf('2'));
  });

  test('can be run again for the same commit', async () => {
    await rehearsal.deploy(imageOf('1'));
    const again = await rehearsal.deploy(imageOf('1'));
    expect(again).toEqual({ code: 0, output: expect.stringContaining('already says') });
    expect(rehearsal.history).toHaveLength(1);
  });

  test('fails, and says that it is live, when the branch cannot be pushed to', async () => {
    rehearsal.git(rehearsal.checkout, 'remote', 'set-url', '--push', 'origin', '/nowhere');
    const { code, output } = await rehearsal.deploy(imageOf('1'));
    expect(code).toBe(1);
    expect(output).toContain('is deployed, but deployed/prod does not say so');
  });

  test('does nothing when it cannot ask what is deployed', async () => {
    rehearsal.git(rehearsal.checkout, 'remote', 'set-url', 'origin', '/nowhere');
    const { code, output } = await rehearsal.run('deploy.sh', imageOf('1'));
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('Cannot ask origin') });
    expect(rehearsal.applies).toBe(0);
  });

  test('waits for a load balancer that has no name yet', async () => {
    rehearsal.env = { SMOKE_TEST_SECONDS: '60' };
    rehearsal.nameAfter(3);
    const { code, output } = await rehearsal.deploy(imageOf('1'));
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(rehearsal.address) });
    rehearsal.env = {};
    rehearsal.nameAfter(3);
    const late = await rehearsal.run('smoke-test.sh');
    expect(late).toEqual({ code: 1, output: expect.stringContaining('has no public address yet') });
  });

  test("asks PUBLIC_URL in place of the load balancer's own address, which speaks no HTTP any more", async () => {
    rehearsal.env = { PUBLIC_URL: `${rehearsal.address}/` };
    rehearsal.nameAfter(1);
    expect(await rehearsal.deploy(imageOf('1'))).toMatchObject({ code: 0 });
    expect(rehearsal.questions).toEqual([]);
  });

  test.each(['savings', 'savings:latest', 'registry.test/savings@sha256:12'])(
    'takes no image without its digest: %s',
    async (image) => {
      const { code, output } = await rehearsal.deploy(image);
      expect(code).not.toBe(0);
      expect(output).toContain('is not an image with its digest');
      expect(rehearsal.applies).toBe(0);
    },
  );
});
