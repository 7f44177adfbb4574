import { describe, expect, test } from 'bun:test';
import { loadModel } from '../../src/model/artifact/load.ts';
import type { Model } from '../../src/model/model.ts';
import { Metrics } from '../../src/serving/metrics.ts';
import { Shadow, type ShadowOptions } from '../../src/serving/shadow.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { testArtifact, testModel } from '../support/model.ts';

const champion = await testModel();
const challenger = await loadModel(await testArtifact('test-2'), { spawn: spawnLoadWorker });
const prediction = champion.predict(HOUSEHOLD);
const times = <T>(count: number, value: T) => Array.from({ length: count }, () => value);

function start(options: Partial<ShadowOptions> = {}) {
  const metrics = new Metrics({ version: '0', revision: 'test', runtime: 'test' });
  const shadow = new Shadow({ model: () => challenger, metrics: metrics.shadow, everyMs: 1, ...options });
  const read = async () => {
    const lines = (await metrics.registry.metrics()).split('\n');
    return (series: string) =>
      Number(
        lines
          .find((line) => line.startsWith(`${series} `))
          ?.split(' ')
          .at(-1),
      );
  };
  const results = async () => {
    const value = await read();
    const names = ['compared', 'dropped', 'refused', 'not_ready'];
    return names.map((result) => value(`savings_shadow_predictions_total{result="${result}"}`));
  };
  const settled = async (rows: number) => {
    while ((await results()).reduce((sum, count) => sum + count, 0) < rows) await Bun.sleep(2);
  };
  return { shadow, read, results, settled };
}

describe('Shadow', () => {
  test('compares afterwards, and nothing at once', async () => {
    const { shadow, results, settled, read } = start();
    shadow.offer(champion, times(40, HOUSEHOLD), times(40, prediction));
    expect(await results()).toEqual([0, 0, 0, 0]);
    await settled(40);
    expect(await results()).toEqual([40, 0, 0, 0]);
    const value = await read();
    const ratio = Math.abs(challenger.predict(HOUSEHOLD).amount - prediction.amount) / HOUSEHOLD.income;
    expect(ratio).toBeGreaterThan(0);
    expect(value('savings_shadow_difference_ratio_sum{income_below="+Inf"}')).toBeCloseTo(40 * ratio, 10);
    expect(value('savings_shadow_difference_ratio_count{income_below="+Inf"}')).toBe(40);
    expect(value('savings_predicted_amount_count{role="challenger"}')).toBe(40);
  });

  test('drops what its queue does not hold, and counts it', async () => {
    const { shadow, results, settled } = start({ maxQueued: 10 });
    for (let i = 0; i < 5; i++) shadow.offer(champion, times(4, HOUSEHOLD), times(4, prediction));
    await settled(20);
    expect(await results()).toEqual([10, 10, 0, 0]);
  });

  test('a challenger slower than its slice falls behind by itself, one row at a time', async () => {
    let asked = 0;
    const slow = Object.create(challenger, {
      predict: {
        value: (inputs: typeof HOUSEHOLD) => {
          asked++;
          const until = performance.now() + 2;
          while (performance.now() < until);
          return challenger.predict(inputs);
        },
      },
    }) as Model;
    const { shadow, results, settled } = start({ model: () => slow, sliceMs: 1 });
    shadow.offer(champion, times(5, HOUSEHOLD), times(5, prediction));
    // Timers run between its slices, as requests do.
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await settled(5);
    clearInterval(timer);
    expect([asked, (await results())[0]]).toEqual([5, 5]);
    expect(turns).toBeGreaterThan(0);
  });

  test('counts what the challenger refuses, and what came before it was there', async () => {
    const { shadow, results, settled } = start();
    shadow.offer(champion, [{ ...HOUSEHOLD, income: -5 }], [prediction]);
    await settled(1);
    expect(await results()).toEqual([0, 0, 1, 0]);
    const early = start({ model: () => undefined });
    early.shadow.offer(champion, [HOUSEHOLD], [prediction]);
    expect(await early.results()).toEqual([0, 0, 0, 1]);
  });

  test('says nothing of an earlier pair once another is compared', async () => {
    let second: Model = challenger;
    const { shadow, settled, read } = start({ model: () => second });
    shadow.offer(champion, times(3, HOUSEHOLD), times(3, prediction));
    await settled(3);
    second = champion;
    shadow.offer(champion, [HOUSEHOLD], [prediction]);
    await settled(4);
    const value = await read();
    expect(value('savings_shadow_difference_ratio_count{income_below="+Inf"}')).toBe(1);
    expect(value('savings_shadow_difference_ratio_sum{income_below="+Inf"}')).toBe(0);
  });
});
