import { describe, expect, test } from 'bun:test';
import { AppError } from '../../src/errors.ts';
import { explain } from '../../src/forest/explain.ts';
import { flatten } from '../../src/forest/flatten.ts';
import { checkForest, type ForestJson, type NodeJson } from '../../src/forest/format.ts';
import { compile } from '../../src/forest/predict.ts';
import { trainForest } from '../../src/forest/train/train.ts';
import { randomData } from './random-data.ts';
import { edgeRows, randomForest } from './random-forest.ts';

const trained = async (seed: number, rows: number, features: number) => {
  const options = { nEstimators: 30, maxFeatures: 0.7 };
  return checkForest(JSON.parse(await trainForest(randomData(seed, rows, features), options, 'slim')), {
    features,
  });
};

/** The largest mean of any node, the scale of rounding. */
function largestMean(json: ForestJson): number {
  let largest = 0;
  JSON.stringify(json.baseModel.estimators, (key, value) => {
    if (key === 'mean' || key === 'distribution') largest = Math.max(largest, Math.abs(value));
    return value;
  });
  return largest;
}

describe('explain', () => {
  test('credits each step down a tree to the column that decided it', () => {
    const root: NodeJson = {
      splitColumn: 0,
      splitValue: 10,
      mean: 100,
      left: { distribution: 40 },
      right: {
        splitColumn: 1,
        splitValue: 5,
        mean: 130,
        left: { distribution: 120 },
        right: { distribution: 150 },
      },
    };
    const json = randomForest(1, { trees: 2, features: 3, maxDepth: 0 });
    json.baseModel.estimators[0].root = root;
    json.baseModel.indexes[0] = [2, 0];
    json.baseModel.estimators[1].root = { distribution: 10 };
    const forest = flatten(json, 3);
    // Column 0 of the tree is column 2 of the row, column 1 is column 0.
    const { base, contributions } = explain(forest, [7, 0, 10]);
    expect(base).toBe((100 + 10) / 2);
    expect([...contributions]).toEqual([(150 - 130) / 2, 0, (130 - 100) / 2]);
    expect([...explain(forest, [7, 0, 9]).contributions]).toEqual([0, 0, (40 - 100) / 2]);
  });

  test('adds up to the prediction', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const json = await trained(seed, 120, 5);
      const forest = flatten(json, 5);
      const evaluator = compile(forest);
      const tolerance = 1e-12 * largestMean(json);
      for (const row of edgeRows(json, 5, 20, seed)) {
        const { base, contributions } = explain(forest, row);
        const sum = contributions.reduce((total, part) => total + part, base);
        expect(Math.abs(sum - evaluator.predictOne(row))).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  test("refuses a forest without its nodes' means", () => {
    const bare = randomForest(1, { trees: 1, features: 2, maxDepth: 3 });
    bare.baseModel.estimators[0].root = {
      splitColumn: 0,
      splitValue: 1,
      left: { distribution: 1 },
      right: { distribution: 2 },
    };
    const act = () => explain(flatten(bare, 2), [1, 2]);
    expect(act).toThrow(AppError);
    expect(act).toThrow('Cannot explain: the forest carries no means');
  });

  test('refuses a row of another length', async () => {
    const forest = flatten(await trained(1, 20, 2), 2);
    expect(() => explain(forest, [1])).toThrow('the row holds 1 numbers, not 2.');
  });
});
