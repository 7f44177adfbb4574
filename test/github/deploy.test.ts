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

  test('applies the commit with its image, and then says on main what runs', async () => {
    const commit = rehearsal.push('First');
    const { code, output } = await rehearsal.deploy(imageOf('1'));
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('model v7') });
    expect(rehearsal.appliedImage).toBe(imageOf('1'));
    expect(rehearsal.pinOnMain).toContain('digest: sha256:1000');
    expect(rehearsal.messageOnMain).toBe(
      `Pin prod to ${commit.slice(0, 12)} [skip ci]\n\nDeployed-Commit: ${commit}\nDeployed-Image: ${imageOf('1')}`,
    );
    // Applying main by hand changes nothing.
    rehearsal.sync();
    const live = rehearsal.applied;
    await rehearsal.deploy(imageOf('1'));
    expect(rehearsal.applied).toEqual(live);
  });

  test('goes back to the manifests and the image of the last good one when its rollout fails', async () => {
    await rehearsal.deploy(imageOf('1'));
    const good = rehearsal.applied;
    rehearsal.sync();
    setLogLevel('debug');
    rehearsal.push('Break it');
    const main = rehearsal.git(rehearsal.origin, 'rev-parse', 'main');
    const { code, output } = await rehearsal.deploy(imageOf('bad'));
    expect(code).toBe(1);
    expect(output).toContain('going back');
    expect(rehearsal.applies).toBe(3);
    expect(rehearsal.applied).toEqual(good);
    expect(rehearsal.git(rehearsal.origin, 'rev-parse', 'main')).toBe(main);
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
    expect(rehearsal.pinOnMain).toContain('digest: sha256:1000');
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

  test('says so when the first one fails and there is nothing to go back to', async () => {
    const { code, output } = await rehearsal.deploy(imageOf('bad'));
    expect(code).toBe(1);
    expect(output).toContain('there is none before it to go back to');
    expect(rehearsal.applies).toBe(1);
  });

  test('writes its pin on top of what others pushed meanwhile', async () => {
    rehearsal.interfereWithNextPush();
    const { code, output } = await rehearsal.deploy(imageOf('1'));
    expect(code).toBe(0);
    expect(output).toContain('Could not push the pin (try 1');
    expect(rehearsal.git(rehearsal.origin, 'log', '-3', '--format=%s', 'main').split('\n')).toEqual([
      expect.stringContaining('Pin prod'),
      'Meanwhile',
      'Begin',
    ]);
    expect(rehearsal.pinOnMain).toContain('digest: sha256:1000');
  });

  test('never goes over a newer one', async () => {
    const old = rehearsal.git(rehearsal.checkout, 'rev-parse', 'HEAD');
    rehearsal.push('Newer');
    await rehearsal.deploy(imageOf('2'));
    rehearsal.sync(old);
    const again = await rehearsal.deploy(imageOf('1'));
    expect(again).toEqual({ code: 1, output: expect.stringContaining('is already deployed') });
    expect(rehearsal.appliedImage).toBe(imageOf('2'));
    expect(await rehearsal.run('commit-pin.sh', imageOf('1'))).toEqual({
      code: 0,
      output: expect.stringContaining('left as it is'),
    });
    expect(rehearsal.pinOnMain).toContain('digest: sha256:2000');
  });

  test('can be run again for the same commit', async () => {
    await rehearsal.deploy(imageOf('1'));
    const main = rehearsal.git(rehearsal.origin, 'rev-parse', 'main');
    const again = await rehearsal.deploy(imageOf('1'));
    expect(again).toEqual({ code: 0, output: expect.stringContaining('already says') });
    expect(rehearsal.git(rehearsal.origin, 'rev-parse', 'main')).toBe(main);
  });

  test('fails, and says that it is live, when main cannot be pushed to', async () => {
    rehearsal.git(rehearsal.checkout, 'remote', 'set-url', '--push', 'origin', '/nowhere');
    const { code, output } = await rehearsal.deploy(imageOf('1'));
    expect(code).toBe(1);
    expect(output).toContain('is deployed, but main does not say so');
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
