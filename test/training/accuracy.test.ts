import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { trainingWorkers } from '../../src/cli/training-workers.ts';
import { scoresOf } from '../../src/dataset/scores.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import { type Evaluation, evaluate } from '../../src/training/evaluate.ts';
import { fitLinear } from '../../src/training/linear.ts';
import { drawExamples, trainSampleModel } from '../../src/training/sample.ts';
import { SAVINGS } from '../../src/training/savings.ts';
import type { IntervalMethod } from '../../src/model/manifest.ts';
import type { Model } from '../../src/model/model.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { conditionalMean } from '../support/conditional-mean.ts';

// Real training and real processes take their time on a busy machine.
setDefaultTimeout(60_000);

const SEED = 42;
/** Streams of the seed that training does not draw from. */
const HOLDOUT = 100;
const FRESH = 101;
/** What is left over is the difference of twelve amounts rounded to .01. */
const ROUNDING = 0.065;

const holdout = drawExamples(4000, SEED, HOLDOUT);
const fresh = drawExamples(200_000, SEED, FRESH);
const linear = fitLinear(SAVINGS.features, drawExamples(16_000, SEED));
let evaluation: Evaluation;
let freshEvaluation: Evaluation;
let banded: Model;
let coverage: number;

beforeAll(async () => {
  const trained = async (interval: IntervalMethod) => {
    const forest = { seed: SEED };
    const artifact = await trainSampleModel({ rows: 16_000, forest, interval, workers: trainingWorkers(2) });
    return await loadModel(artifact, { spawn: spawnLoadWorker });
  };
  const model = await trained('conformal-quantiles');
  ({ coverage } = model.manifest.interval);
  banded = await trained('split-conformal');
  evaluation = await evaluate(model, holdout, 'scores', {});
  freshEvaluation = await evaluate(model, fresh, 'scores', {});
});

describe(`the sample model, trained on 16,000 synthetic households and held against 4,000 others, seed ${SEED}`, () => {
  test('comes within 5 % of the mean absolute error of the distribution’s own conditional mean, and .01 of its R2', () => {
    const best = scoresOf(
      evaluation.income.map((income, i) => conditionalMean(income, expensesOf(i))),
      holdout.target,
    );
    const ours = scoresOf(evaluation.amount, holdout.target);
    expect(ours.mae).toBeLessThan(best.mae * 1.05);
    expect(ours.r2).toBeGreaterThan(best.r2 - 0.01);
    // Nothing can do better than this by more than luck: that would be a leak of the target.
    expect(ours.r2).toBeLessThan(best.r2 + 0.002);
  });

  test('has less than half of the error of linear regression', () => {
    const line = scoresOf(linear(holdout), holdout.target);
    expect(scoresOf(evaluation.amount, holdout.target).mae).toBeLessThan(line.mae / 2);
  });

  const all = Array.from({ length: fresh.rows }, (_, i) => i);
  const insideOf =
    ({ low, high }: Evaluation) =>
    (i: number) =>
      fresh.target[i] >= low[i] - ROUNDING && fresh.target[i] <= high[i] + ROUNDING;

  test('has intervals that hold as often as they say within a point, and nearly so in every tenth', () => {
    const inside = insideOf(freshEvaluation);
    expect(Math.abs(all.filter(inside).length / all.length - coverage)).toBeLessThan(0.01);
    const { amount } = freshEvaluation;
    const byAmount = all.toSorted((a, b) => amount[a] - amount[b]);
    for (let tenth = 0; tenth < 10; tenth++) {
      const rows = byAmount.slice((tenth * all.length) / 10, ((tenth + 1) * all.length) / 10);
      expect(Math.abs(rows.filter(inside).length / rows.length - coverage)).toBeLessThan(0.06);
    }
  });

  test('has, split by income, intervals that hold within a point in every band, and are wider', async () => {
    const evaluated = await evaluate(banded, fresh, 'scores', {});
    const inside = insideOf(evaluated);
    const { bands } = banded.manifest.interval;
    const width = ({ low, high }: Evaluation) => all.reduce((sum, i) => sum + high[i] - low[i], 0);
    expect(width(freshEvaluation)).toBeLessThan(width(evaluated));
    let from = 0;
    for (const { below } of bands) {
      const end = below ?? Number.POSITIVE_INFINITY;
      const rows = all.filter((i) => evaluated.income[i] >= from && evaluated.income[i] < end);
      expect(rows.length).toBeGreaterThan(1000);
      expect(Math.abs(rows.filter(inside).length / rows.length - coverage)).toBeLessThan(0.01);
      from = end;
    }
    expect(bands.length).toBeGreaterThan(1);
  });

  test('never promises more than what is left over, nor less than nothing', () => {
    const broken = Array.from(freshEvaluation.amount.keys()).filter((i) => {
      const left = Math.max(0, freshEvaluation.income[i] - expensesOf(i, fresh));
      const { [i]: low } = freshEvaluation.low;
      return !(low >= 0 && freshEvaluation.amount[i] >= low && freshEvaluation.high[i] <= left);
    });
    expect(broken).toEqual([]);
  });
});

function expensesOf(row: number, examples = holdout): number {
  const width = SAVINGS.features.length;
  let sum = 0;
  for (const [f, { role }] of SAVINGS.features.entries()) {
    if (role === 'expense') sum += examples.inputs[row * width + f];
  }
  return sum;
}
