import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { RandomForestRegression } from 'ml-random-forest';
import { AppError } from '../../src/errors.ts';
import { flatten } from '../../src/forest/flatten.ts';
import { checkForest, type ForestJson } from '../../src/forest/format.ts';
import { jsKernel } from '../../src/forest/kernel/js-kernel.ts';
import { TILE_ROWS } from '../../src/forest/kernel/kernel.ts';
import { wasmKernel } from '../../src/forest/kernel/wasm-kernel.ts';
import { compile, type MakeKernel } from '../../src/forest/predict.ts';
import { loadLibraryForest } from '../../src/forest/library-forest.ts';
import { randomFrom } from './random.ts';
import { edgeRows, randomForest } from './random-forest.ts';

const SEED = 20260611;

/** Holds the outputs for single rows and for a batch against the library's, bit for bit. */
function expectLibraryOutputs(json: ForestJson, features: number, rows: number[][], makeKernel: MakeKernel) {
  const expected = loadLibraryForest(json).predict(rows);
  const evaluator = compile(flatten(json, features), makeKernel);
  const batch = evaluator.predictBatch(Float64Array.from(rows.flat()), rows.length);
  rows.forEach((row, i) => {
    // toBe is Object.is: it tells 0 from -0.
    expect(evaluator.predictOne(row)).toBe(expected[i]);
    expect(batch[i]).toBe(expected[i]);
  });
}

/** Node by node, in the order of the trees. */
function meanQuantiles({ baseModel: { estimators, indexes } }: ForestJson, row: number[]): number[] {
  const sums = [0, 0];
  estimators.forEach(({ root }, tree) => {
    let node = root;
    while (!('distribution' in node))
      node = row[indexes[tree][node.splitColumn]] < node.splitValue ? node.left : node.right;
    sums[0] += node.quantiles![0];
    sums[1] += node.quantiles![1];
  });
  return sums.map((sum) => sum / estimators.length);
}

describe.each([
  ['jsKernel', jsKernel],
  ['wasmKernel', wasmKernel],
] as const)('compile with %s', (_, makeKernel) => {
  test('equals ml-random-forest bit for bit on forests of any shape, rows on the edge', () => {
    const shapes = fc.record({
      seed: fc.nat(),
      trees: fc.integer({ min: 1, max: 35 }),
      features: fc.integer({ min: 1, max: 9 }),
      maxDepth: fc.nat(9),
      annotated: fc.boolean(),
    });
    fc.assert(
      fc.property(shapes, ({ seed, ...shape }) => {
        const json = checkForest(JSON.parse(JSON.stringify(randomForest(seed, shape))), shape);
        expectLibraryOutputs(json, shape.features, edgeRows(json, shape.features, 40, seed + 1), makeKernel);
      }),
      { seed: SEED, numRuns: 150 },
    );
    // Each forest gets a WebAssembly memory of its own, which a busy machine is slow to give.
  }, 30_000);

  test('gives the mean of the quantiles of the leaves that a row comes to', () => {
    const shapes = fc.record({
      seed: fc.nat(),
      trees: fc.integer({ min: 1, max: 20 }),
      features: fc.integer({ min: 1, max: 5 }),
      maxDepth: fc.nat(7),
      quantiles: fc.constant(true),
    });
    fc.assert(
      fc.property(shapes, ({ seed, ...shape }) => {
        const json = checkForest(JSON.parse(JSON.stringify(randomForest(seed, shape))), shape);
        const rows = edgeRows(json, shape.features, 30, seed + 1);
        const evaluator = compile(flatten(json, shape.features), makeKernel);
        const quantiles = new Float64Array(2 * rows.length);
        const outputs = evaluator.predictBatch(
          Float64Array.from(rows.flat()),
          rows.length,
          undefined,
          quantiles,
        );
        rows.forEach((row, i) => {
          const expected = meanQuantiles(json, row);
          const own = new Float64Array(2);
          expect(evaluator.predictOne(row, own)).toBe(outputs[i]);
          expect([...own]).toEqual(expected);
          expect([...quantiles.subarray(2 * i, 2 * i + 2)]).toEqual(expected);
        });
      }),
      { seed: SEED, numRuns: 60 },
    );
  }, 30_000);

  test('has no quantiles where any leaf has none', () => {
    const json = randomForest(7, { trees: 9, features: 3, maxDepth: 6, quantiles: true });
    expect(compile(flatten(json, 3), makeKernel).hasQuantiles).toBe(true);
    let node = json.baseModel.estimators[4].root;
    while (!('distribution' in node)) node = node.left;
    delete node.quantiles;
    expect(compile(flatten(json, 3), makeKernel).hasQuantiles).toBe(false);
  });

  test('equals ml-random-forest on a forest that it trained itself', () => {
    const random = randomFrom(SEED);
    const rows = Array.from({ length: 120 }, () =>
      Array.from({ length: 5 }, () => Math.round(random() * 50)),
    );
    const target = rows.map((row) => row[0] * 3 - row[1] + random() * 10);
    const trained = new RandomForestRegression({ nEstimators: 21, maxFeatures: 0.8, noOOB: true });
    trained.train(rows, target);
    const json = checkForest(JSON.parse(JSON.stringify(trained)), { features: 5 });
    expectLibraryOutputs(json, 5, [...rows, ...edgeRows(json, 5, 700, SEED)], makeKernel);
  });

  test('predicts batches of every size around a group of lanes and a tile', () => {
    const json = randomForest(7, { trees: 9, features: 3, maxDepth: 6 });
    const rows = edgeRows(json, 3, TILE_ROWS + 20, 8);
    const evaluator = compile(flatten(json, 3), makeKernel);
    const expected = rows.map((row) => evaluator.predictOne(row));
    for (const count of [0, 1, 7, 8, 9, 17, TILE_ROWS - 1, TILE_ROWS, TILE_ROWS + 1, TILE_ROWS + 20]) {
      const batch = evaluator.predictBatch(Float64Array.from(rows.slice(0, count).flat()), count);
      expect([...batch]).toEqual(expected.slice(0, count));
    }
  });

  test('gives 0, not -0, when every tree gives -0: the library sums from 0', () => {
    const json = randomForest(1, { trees: 2, features: 1, maxDepth: 0 });
    for (const { root } of json.baseModel.estimators) Object.assign(root, { distribution: -0 });
    expectLibraryOutputs(json, 1, [[1]], makeKernel);
    expect(compile(flatten(json, 1), makeKernel).predictOne([1])).toBe(0);
  });
});

describe('compile', () => {
  test('chooses WebAssembly where there is any, and JavaScript otherwise', () => {
    const forest = flatten(randomForest(2, { trees: 2, features: 1, maxDepth: 2 }), 1);
    expect(compile(forest).kernel).toBe('wasm');
    const { WebAssembly } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, 'WebAssembly');
      expect(compile(forest).kernel).toBe('js');
    } finally {
      globalThis.WebAssembly = WebAssembly;
    }
  });

  test('writes into the array that it is given', () => {
    const json = randomForest(3, { trees: 2, features: 2, maxDepth: 2 });
    const out = new Float64Array(2);
    expect(compile(flatten(json, 2)).predictBatch(Float64Array.of(1, 2, 3, 4), 2, out)).toBe(out);
  });

  test('survives a post between threads, moved or copied', () => {
    const json = randomForest(11, { trees: 12, features: 4, maxDepth: 5 });
    const row = [0, 1, -1, 2.5];
    const expected = loadLibraryForest(json).predict([row])[0];
    expect(compile(structuredClone(flatten(json, 4))).predictOne(row)).toBe(expected);
  });

  describe('refuses', () => {
    const json = randomForest(5, { trees: 3, features: 3, maxDepth: 3 });
    const evaluator = compile(flatten(json, 3));
    const holed = [1, 2, 3];
    delete holed[1];
    const wrong: [string, () => unknown][] = [
      ['a row that is too short', () => evaluator.predictOne([1, 2])],
      ['a row that is too long', () => evaluator.predictOne([1, 2, 3, 4])],
      ['a row with a hole', () => evaluator.predictOne(holed)],
      ['a row with null', () => evaluator.predictOne([1, null, 3] as never)],
      ['a row with text', () => evaluator.predictOne([1, '2', 3] as never)],
      ['a batch that is too short', () => evaluator.predictBatch(new Float64Array(5), 2)],
      ['a count of rows that is no whole number', () => evaluator.predictBatch(new Float64Array(3), 1.5)],
      [
        'an output of another length',
        () => evaluator.predictBatch(new Float64Array(3), 1, new Float64Array(2)),
      ],
    ];
    for (const [what, act] of wrong) {
      test(what, () => {
        expect(act).toThrow(AppError);
      });
    }
  });
});
