import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { RandomForestRegression } from 'ml-random-forest';
import { drawBootstrapSamples } from '../../../src/forest/train/bootstrap.ts';
import { flatten } from '../../../src/forest/flatten.ts';
import { checkForest, type LeafJson, type NodeJson, type SplitJson } from '../../../src/forest/format.ts';
import { compile } from '../../../src/forest/predict.ts';
import { loadLibraryForest } from '../../../src/forest/library-forest.ts';
import { trainForest } from '../../../src/forest/train/train.ts';
import { checkTrainOptions, type TrainOptions } from '../../../src/forest/train/train-options.ts';
import type { TrainingData } from '../../../src/forest/train/training-data.ts';
import { failure } from '../../support/failure.ts';
import { randomData, randomOptions } from '../random-data.ts';

const SEED = 20260611;

const rowsOf = ({ columns, target }: TrainingData) =>
  Array.from(target, (_, row) => columns.map((column) => column[row]));

/** What the library itself writes. */
function libraryText(data: TrainingData, options: Partial<TrainOptions>): string {
  const forest = new RandomForestRegression({ ...options, noOOB: true });
  forest.train(rowsOf(data), [...data.target]);
  return JSON.stringify(forest);
}

const cases = fc.record({
  seed: fc.nat(),
  rows: fc.integer({ min: 1, max: 60 }),
  features: fc.integer({ min: 1, max: 6 }),
});

describe('trainForest', () => {
  test('writes byte for byte what ml-random-forest writes, whatever the data and options', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, rows, features }) => {
        const data = randomData(seed, rows, features);
        const options = randomOptions(seed, features);
        expect(await trainForest(data, options, 'library')).toBe(libraryText(data, options));
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  test('writes the same bytes for more rows and deeper trees too', async () => {
    const data = randomData(1, 700, 7);
    const options = { nEstimators: 3, maxFeatures: 0.8 };
    expect(await trainForest(data, options, 'library')).toBe(libraryText(data, options));
  });

  test('writes slim JSON that the library loads, with the same predictions', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, rows, features }) => {
        const data = randomData(seed, rows, features);
        const options = randomOptions(seed, features);
        const slim = checkForest(JSON.parse(await trainForest(data, options, 'slim')), { features });
        const full = JSON.parse(await trainForest(data, options, 'library'));
        expect(loadLibraryForest(slim).predict(rowsOf(data))).toEqual(
          loadLibraryForest(full).predict(rowsOf(data)),
        );
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  test('annotates slim nodes with the mean and number of the training rows that reach them', async () => {
    const data = randomData(5, 80, 4);
    const json = checkForest(
      JSON.parse(await trainForest(data, { nEstimators: 4, maxFeatures: 0.75 }, 'slim')),
      {
        features: 4,
      },
    );
    const options = checkTrainOptions({ nEstimators: 4, maxFeatures: 0.75 }, 4);
    let splits = 0;
    for (const { tree, rows, columns } of drawBootstrapSamples(options, 80, 4)) {
      const visit = (node: NodeJson, reached: number[]) => {
        const mean = reached.reduce((sum, row) => sum + data.target[row], 0) / reached.length;
        expect(node.count).toBe(reached.length);
        expect((node as SplitJson).mean ?? (node as LeafJson).distribution).toBe(mean);
        if (!('left' in node)) return;
        splits++;
        const isLeft = (row: number) => data.columns[columns[node.splitColumn]][row] < node.splitValue;
        visit(node.left, reached.filter(isLeft));
        visit(
          node.right,
          reached.filter((row) => !isLeft(row)),
        );
      };
      visit(json.baseModel.estimators[tree].root, [...rows]);
    }
    expect(splits).toBeGreaterThan(20);
  });

  test('reports each tree, and stops between trees when told to', async () => {
    const data = randomData(2, 20, 2);
    const seen: [number, number][] = [];
    const stop = new AbortController();
    const onProgress = (done: number, all: number) => {
      seen.push([done, all]);
      if (done === 2) stop.abort(new Error('enough'));
    };
    const training = trainForest(data, { nEstimators: 5 }, 'slim', { onProgress, signal: stop.signal });
    await expect(training).rejects.toThrow('enough');
    expect(seen).toEqual([
      [1, 5],
      [2, 5],
    ]);
  });

  test('leaves its data as they were', async () => {
    const data = randomData(3, 30, 3);
    const before = structuredClone(data);
    await trainForest(data, { nEstimators: 2 }, 'slim');
    expect(data).toEqual(before);
  });
});

describe('trainForest refuses', () => {
  const data = (columns: number[][], target: number[]): TrainingData => ({
    columns: columns.map((column) => Float64Array.from(column)),
    target: Float64Array.from(target),
  });
  const badData: [what: string, data: TrainingData, message: string][] = [
    ['no rows', data([[]], []), 'there are no rows'],
    ['no columns', data([], [1]), 'there are no columns'],
    ['columns of another length', data([[1, 2], [1]], [1, 2]), 'column 1 has 1 rows, the target 2'],
    ['NaN', data([[1, 2, NaN]], [1, 2, 3]), 'column 0, row 2 is not a finite number'],
    ['infinity', data([[1, -Infinity]], [1, 2]), 'column 0, row 1 is not a finite number'],
    ['values whose middle overflows', data([[1, 1e308]], [1, 2]), 'column 0, row 1 is not a finite number'],
    ['a target of NaN', data([[1, 2]], [1, NaN]), 'the target, row 1 is not a finite number'],
    ['a target whose square overflows', data([[1, 2]], [1e200, 1]), 'the target, row 0 is not a finite'],
  ];
  for (const [what, bad, message] of badData) {
    test(what, async () => {
      expect(await failure(trainForest(bad, {}, 'slim'), 'invalid')).toStartWith(`Cannot train: ${message}`);
    });
  }

  const badOptions: [option: string, options: object][] = [
    ['nEstimators', { nEstimators: 0 }],
    ['nEstimators', { nEstimators: 1.5 }],
    ['maxFeatures', { maxFeatures: 0 }],
    ['maxFeatures', { maxFeatures: 3 }],
    ['maxFeatures', { maxFeatures: 1.5 }],
    ['maxFeatures', { maxFeatures: 0.4 }],
    ['maxFeatures', { maxFeatures: NaN }],
    ['seed', { seed: 0.5 }],
    ['seed', { seed: undefined }],
    ['selectionMethod', { selectionMethod: 'median' }],
    ['replacement', { replacement: 1 }],
    ['treeOptions.maxDepth', { treeOptions: { maxDepth: -1 } }],
    ['treeOptions.maxDepth', { treeOptions: { maxDepth: undefined } }],
    ['treeOptions.minNumSamples', { treeOptions: { minNumSamples: 2.5 } }],
    ['treeOptions.gainThreshold', { treeOptions: { gainThreshold: NaN } }],
    ['treeOptions', { treeOptions: { gainFunction: 'gini' } }],
    ['', { maxSamples: 10 }],
  ];
  for (const [option, options] of badOptions) {
    const shown = JSON.stringify(options, (_, value) => (value === undefined ? 'undefined' : value));
    test(`option ${shown}`, async () => {
      const training = trainForest(data([[1, 2]].concat([[3, 4]]), [1, 2]), options, 'slim');
      expect(await failure(training, 'invalid')).toStartWith(`Cannot train: option ${option}`);
    });
  }
});

test('drawBootstrapSamples leaves about 37 % of the rows out of each tree', () => {
  const options = checkTrainOptions({ nEstimators: 3 }, 2);
  for (const { rows } of drawBootstrapSamples(options, 10_000, 2)) {
    expect(new Set(rows).size / 10_000).toBeCloseTo(1 - Math.exp(-1), 1);
  }
});

test('drawBootstrapSamples draws rows in proportion to their weights', () => {
  const options = checkTrainOptions({ nEstimators: 5 }, 2);
  const weights = Float64Array.from({ length: 8000 }, (_, row) => row % 4);
  const drawn = [0, 0, 0, 0];
  for (const { rows } of drawBootstrapSamples(options, 8000, 2, weights))
    for (const row of rows) drawn[row % 4]!++;
  expect(drawn[0]).toBe(0);
  for (const weight of [1, 2, 3]) expect(drawn[weight]! / 40_000).toBeCloseTo(weight / 6, 1);
});

test('weights must be as many as rows, from 0 on, and not all 0', async () => {
  for (const weights of [[1], [1, -1], [0, 0], [1, Number.NaN]]) {
    const data = {
      columns: [Float64Array.of(1, 2)],
      target: Float64Array.of(1, 2),
      weights: Float64Array.from(weights),
    };
    expect(await failure(trainForest(data, {}, 'slim'), 'invalid')).toContain('weight');
  }
});

test('a forest that was trained here is compiled to what the library predicts', async () => {
  const data = randomData(9, 200, 5);
  const json = checkForest(JSON.parse(await trainForest(data, { nEstimators: 20 }, 'slim')), { features: 5 });
  const rows = rowsOf(data);
  const evaluator = compile(flatten(json, 5));
  expect(rows.map((row) => evaluator.predictOne(row))).toEqual(loadLibraryForest(json).predict(rows));
});
