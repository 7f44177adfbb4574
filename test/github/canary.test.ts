import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { requireTool } from '../support/require-tool.ts';
import { canEdit } from './can-deploy.ts';
import { imageOf, Rehearsal } from './rehearsal.ts';
import { type Traffic, TwoTracks } from './two-tracks.ts';

setDefaultTimeout(60_000);

const WORKFLOW = join(import.meta.dir, '../../.github/workflows/deploy.yml');

describe.skipIf(!canEdit || !requireTool('prometheus'))('a deployment by canary', () => {
  let rehearsal: Rehearsal;
  const tracks = new TwoTracks();
  let live: unknown;

  beforeAll(() => tracks.start(9), 60_000);
  afterAll(() => tracks.stop());

  beforeEach(async () => {
    rehearsal = new Rehearsal();
    expect(await rehearsal.deploy(imageOf('1'))).toMatchObject({ code: 0 });
    live = rehearsal.applied;
    rehearsal.sync();
    rehearsal.edit('kustomize/base/savings.env', (text) => `${text}LOG_LEVEL=debug\n`);
    rehearsal.push('Second');
    rehearsal.env = { CANARY_SECONDS: '1', CANARY_LIMIT_SECONDS: '2', CANARY_PAUSE_SECONDS: '0.1' };
  });
  afterEach(() => rehearsal.close());

  /** Prometheus knows of this traffic, and the deployment may ask it. */
  async function given(stable: Traffic, canary: Traffic): Promise<void> {
    rehearsal.prometheus = { url: tracks.url, namespace: tracks.next() };
    await tracks.serve('stable', stable);
    await tracks.serve('canary', canary);
  }

  async function expectTakenBack(reason: string | RegExp): Promise<void> {
    const { code, output } = await rehearsal.deploy(imageOf('2'));
    expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(reason) });
    expect(output).toContain('goes on as it was');
    expect(rehearsal.applied as unknown).toEqual(live);
    expect(rehearsal.canaries).toBe(0);
    expect(rehearsal.history).toHaveLength(1);
  }

  test('rolls out when it did as well as the others, and then puts it away', async () => {
    // A few failures are everybody's; one alone is nothing yet; probes are no requests.
    await given(
      { good: 980, failed: 20, compared: 300, far: 30 },
      { good: 290, failed: 6, slow: 1, probes: 50, compared: 90, far: 10 },
    );
    const { code, output } = await rehearsal.deploy(imageOf('2'));
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('good: 6 of 298 requests failed'),
    });
    expect(rehearsal.appliedImage).toBe(imageOf('2'));
    expect(rehearsal.canaries).toBe(0);
    const [canary] = rehearsal.canary.filter(({ kind }) => kind === 'Deployment');
    expect(canary).toMatchObject({ metadata: { name: 'savings-canary' }, spec: { replicas: 1 } });
    expect(canary!.spec.template.spec.containers[0].image).toBe(imageOf('2'));
    // With the settings that come with it.
    expect(rehearsal.canary.find(({ kind }) => kind === 'ConfigMap')?.data).toEqual(
      rehearsal.appliedSettings,
    );
  });

  test('takes it back at once when it fails more than the others do', async () => {
    rehearsal.env = { ...rehearsal.env, CANARY_SECONDS: '600', CANARY_LIMIT_SECONDS: '600' };
    await given({ good: 990, failed: 2 }, { good: 30, failed: 5 });
    await expectTakenBack(/taken back .*worse: 5 of 36 requests failed/);
  });

  test('takes it back when it is slower than the others are', async () => {
    await given({ good: 990, slow: 5 }, { good: 180, slow: 20 });
    await expectTakenBack(/worse: 20 of 201 requests took more than 250 ms/);
  });

  test("takes it back when it is further from the challenger than the others' predictions are", async () => {
    await given({ good: 900, compared: 900, far: 45 }, { good: 200, compared: 200, far: 60 });
    await expectTakenBack(/worse: 60 of 201 predictions are further than 5 % of income/);
  });

  test('is not fooled by one failure or two, however few its requests', async () => {
    await given({ good: 900 }, { good: 110, failed: 2 });
    expect(await rehearsal.deploy(imageOf('2'))).toMatchObject({ code: 0 });
  });

  test('holds it while it has too few requests, and then takes it back', async () => {
    await given({ good: 900 }, { good: 60 });
    await expectTakenBack('61 requests of at least 100');
    rehearsal.env.CANARY_REQUESTS = '50';
    expect(await rehearsal.deploy(imageOf('2'))).toMatchObject({ code: 0 });
  });

  test('holds it while Prometheus is away, and then takes it back', async () => {
    await expectTakenBack(/taken back .*Prometheus does not say how it does .*ServiceUnavailable/);
  });

  test('takes it back when it never becomes ready', async () => {
    const { code, output } = await rehearsal.deploy(imageOf('bad'));
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('did not become ready') });
    expect(rehearsal.applied as unknown).toEqual(live);
    expect(rehearsal.canaries).toBe(0);
    expect(rehearsal.questions).toContainEqual(expect.stringMatching(/^logs .*track=canary/));
  });

  test('takes it back when its pod ends by itself', async () => {
    await given({ good: 900 }, { good: 200 });
    rehearsal.restarts = 1;
    await expectTakenBack('its pod ended by itself');
  });

  test.each(['cut off', 'cancelled'])('leaves none behind when it was %s', async (how) => {
    rehearsal.env = { ...rehearsal.env, CANARY_SECONDS: '600', CANARY_LIMIT_SECONDS: '600' };
    const { ended, kill } = rehearsal.start('deploy.sh', imageOf('2'));
    while (rehearsal.canaries !== 1) await Bun.sleep(10);
    kill();
    await ended;
    expect(rehearsal.canaries).toBe(1);
    if (how === 'cancelled') {
      const { steps } = parse(readFileSync(WORKFLOW, 'utf8')).jobs.deploy;
      const { run } = steps.find(({ if: when }: { if?: string }) => when === 'cancelled()');
      expect(await rehearsal.step(run)).toMatchObject({ code: 0 });
    } else {
      rehearsal.env = {};
      expect(await rehearsal.deploy(imageOf('2'))).toMatchObject({ code: 0 });
    }
    expect(rehearsal.canaries).toBe(0);
  });

  test('is not kept from a deployment by an earlier one that does not end, but from another canary', async () => {
    await given({ good: 900 }, { good: 200 });
    expect(await rehearsal.deploy(imageOf('2'))).toMatchObject({ code: 0 });
    rehearsal.canaryStays();
    const { code, output } = await rehearsal.deploy(imageOf('3'));
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('A canary is still there') });
    expect(rehearsal.appliedImage).toBe(imageOf('2'));
    rehearsal.env = {};
    expect(await rehearsal.deploy(imageOf('3'))).toMatchObject({ code: 0 });
    expect(rehearsal.appliedImage).toBe(imageOf('3'));
  });

  test('puts it away when the rollout after it fails, before it goes back', async () => {
    await given({ good: 900 }, { good: 200 });
    rehearsal.healthy = false;
    const { code, output } = await rehearsal.deploy(imageOf('2'));
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('Back at') });
    expect(rehearsal.appliedImage).toBe(imageOf('1'));
    expect(rehearsal.canaries).toBe(0);
  });

  test.each([
    [{ CANARY_SECONDS: 'on' }, "CANARY_SECONDS is 'on': it must be a whole number"],
    [{ CANARY_SECONDS: '900', CANARY_LIMIT_SECONDS: '600' }, 'CANARY_SECONDS is 900: it must be 600 at most'],
  ])('touches nothing for a setting that cannot be: %p', async (env, message) => {
    rehearsal.env = env;
    const { code, output } = await rehearsal.deploy(imageOf('2'));
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(message) });
    expect(rehearsal.applied as unknown).toEqual(live);
    expect(rehearsal.canaries).toBeUndefined();
  });
});

test('a canary is asked about the requests that the objectives are about', () => {
  const read = (path: string) => readFileSync(join(import.meta.dir, '../..', path), 'utf8');
  const matchers = read('.github/scripts/canary.sh').match(/route!~"[^"]+"/g);
  expect(matchers).toHaveLength(2);
  const objectives = read('kustomize/monitoring/prometheus/rules/slo.yml');
  expect(new Set(objectives.match(/route!~"[^"]+"/g))).toEqual(new Set(matchers));
});

describe.skipIf(!canEdit)('the verdict on a canary', () => {
  /** Of [failed, requests] of the canary and of the stable pods. */
  const verdict = (canary: [number, number], stable: [number, number] | []) => {
    const series = { canary, stable };
    const result = Object.entries(series).flatMap(([track, [failed, requests]]) =>
      Object.entries({ failed, requests })
        .filter(([, value]) => value !== undefined)
        .map(([figure, value]) => ({ metric: { track, figure }, value: [0, String(value)] })),
    );
    const program = join(import.meta.dir, '../../.github/scripts/canary.jq');
    const args = ['--raw-output', '--argjson', 'requests', '100', '--from-file', program];
    const input = JSON.stringify({ data: { result } });
    return spawnSync('jq', args, { input, encoding: 'utf8' }).stdout.split('\n')[0];
  };

  test.each<[string, [number, number], [number, number] | [], string]>([
    ['nobody failed', [0, 100], [0, 200], 'good'],
    ['too few to say', [0, 99], [0, 200], 'few'],
    ['two failures, which chance may give', [2, 100], [0, 200], 'good'],
    ['two failures and nothing else', [2, 2], [0, 200], 'few'],
    ['a third failure of few', [3, 3], [0, 2000], 'worse'],
    ['every twentieth', [5, 100], [0, 300], 'worse'],
    ['as bad as the others are', [25, 100], [50, 200], 'good'],
    ['twice as bad as the others are', [50, 100], [50, 200], 'worse'],
    ['a little worse of many', [130, 10_000], [200, 20_000], 'good'],
    ['half as bad again of many', [150, 10_000], [200, 20_000], 'worse'],
    ['within the objective, where the others never fail', [9, 10_000], [0, 20_000], 'good'],
    ['beyond the objective, where nobody else is asked', [3, 100], [], 'worse'],
    ['nobody else is asked', [2, 100], [], 'good'],
  ])('%s', (_, canary, stable, expected) => {
    expect(verdict(canary, stable)).toBe(expected);
  });
});
