import { describe, expect, test } from 'bun:test';
import type { Model } from '../../src/model/model.ts';
import { Experiment, type ExperimentMode } from '../../src/serving/experiment.ts';
import type { LiveModelState } from '../../src/serving/live-model.ts';
import { Metrics } from '../../src/serving/metrics.ts';
import { Shadow } from '../../src/serving/shadow.ts';
import { testModel } from '../support/model.ts';

const model = await testModel();
const other = Object.create(model) as Model;
const subjects = Array.from({ length: 2_000 }, (_, i) => `subject-${i}`);

function experimentOf(
  percent: number,
  {
    mode = 'split' as ExperimentMode,
    name = 'a',
    champion = model as Model | null,
    challenger = other as Model | null,
  } = {},
) {
  const metrics = new Metrics({ version: '0', revision: 'test', runtime: 'test' }).shadow;
  const shadow = new Shadow({ model: () => undefined, metrics });
  const live = { model: challenger ?? undefined, state: {} as LiveModelState };
  return new Experiment({
    champion: { model: champion ?? undefined },
    challenger: live,
    name,
    mode,
    percent,
    shadow,
  });
}
const challenged = (experiment: Experiment) =>
  subjects.filter((subject) => experiment.variantOf(subject)?.role === 'challenger');

describe('an experiment that splits', () => {
  test('gives the same subject the same variant, every time and on every server', () => {
    expect(challenged(experimentOf(30))).toEqual(challenged(experimentOf(30)));
  });

  test('gives the challenger about its share', () => {
    // 2,000 subjects with a chance of 0.3 give 600; five standard deviations are 103.
    expect(Math.abs(challenged(experimentOf(30)).length - 600)).toBeLessThan(103);
    expect(challenged(experimentOf(0))).toEqual([]);
    expect(challenged(experimentOf(100))).toEqual(subjects);
  });

  test('moves nobody back when its share grows', () => {
    const more = new Set(challenged(experimentOf(40)));
    expect(challenged(experimentOf(10)).filter((subject) => !more.has(subject))).toEqual([]);
  });

  test('divides unlike an experiment of another name', () => {
    const [first, second] = [experimentOf(50), experimentOf(50, { name: 'b' })].map(challenged);
    const both = first!.filter((subject) => second!.includes(subject)).length;
    expect(both).toBeGreaterThan(350);
    expect(both).toBeLessThan(650);
  });

  test('the champion serves who says nothing of themselves, and everybody while there is no challenger', () => {
    expect(experimentOf(100).variantOf(undefined)).toEqual({ model, role: 'champion' });
    expect(challenged(experimentOf(100, { challenger: null }))).toEqual([]);
    expect(experimentOf(100, { champion: null }).variantOf('x')).toBeUndefined();
  });
});

test('a shadow serves nobody', () => {
  const experiment = experimentOf(100, { mode: 'shadow' });
  expect([experiment.splits, challenged(experiment)]).toEqual([false, []]);
});
