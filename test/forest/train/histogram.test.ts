import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { flatten } from '../../../src/forest/flatten.ts';
import { checkForest, type NodeJson } from '../../../src/forest/format.ts';
import { compile } from '../../../src/forest/predict.ts';
import { binColumns } from '../../../src/forest/train/histogram/bin-columns.ts';
import { createSampler } from '../../../src/forest/train/histogram/draw-sample.ts';
import { trainForest } from '../../../src/forest/train/train.ts';
import { checkTrainOptions, type TrainOptions } from '../../../src/forest/train/train-options.ts';
import { trainInParallel } from '../../../src/forest/train/train-parallel.ts';
import type { TrainingData } from '../../../src/forest/train/training-data.ts';
import { drawExamples } from '../../../src/training/sample.ts';
import { encodeExamples } from '../../../src/training/encode-examples.ts';
import { SAVINGS } from '../../../src/training/savings.ts';
import { withTrainedRanges } from '../../../src/training/trained-ranges.ts';
import type { Examples } from '../../../src/dataset/examples.ts';
import { spawnTrainWorker } from '../../../src/workers.ts';
import { below, randomFrom } from '../random.ts';
import { randomData, randomOptions } from '../random-data.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(60_000);

const grown = async (data: TrainingData, options: Partial<TrainOptions>) =>
  checkForest(JSON.parse(await trainForest(data, { ...options, method: 'histogram' }, 'slim')), {
    features: data.columns.length,
  });

interface Visit {
  node: NodeJson;
  depth: number;
  /** Rows of the tree's sample that come here, each as often as it was drawn. */
  rows: number[];
  /** By the tree's own columns. */
  columns: Float64Array[];
}

/** All nodes of a forest, each with the rows of its tree's sample that its thresholds send there. */
async function* walk(data: TrainingData, options: Partial<TrainOptions>): AsyncGenerator<Visit> {
  const { baseModel } = await grown(data, options);
  const { columns, target, weights } = data;
  const draw = createSampler(
    checkTrainOptions(options, columns.length),
    target.length,
    columns.length,
    weights,
  );
  for (const [tree, { root }] of baseModel.estimators.entries()) {
    const sample = draw(tree);
    expect(baseModel.indexes[tree]).toEqual(sample.columns);
    const own = sample.columns.map((column) => columns[column]!);
    const rows = [...sample.rows].flatMap((row) => new Array<number>(sample.counts[row]!).fill(row));
    const open: Visit[] = [{ node: root, depth: 0, rows, columns: own }];
    for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
      yield visit;
      const { node, depth, rows } = visit;
      if (!('splitColumn' in node)) continue;
      const values = own[node.splitColumn]!;
      const goesLeft = (row: number) => values[row]! < node.splitValue;
      const part = (left: boolean) => rows.filter((row) => goesLeft(row) === left);
      open.push({ node: node.left, depth: depth + 1, rows: part(true), columns: own });
      open.push({ node: node.right, depth: depth + 1, rows: part(false), columns: own });
    }
  }
}

const squaredError = (values: number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
};

/** Numbers with so many different values, and a target of steps and noise. */
function steps(rows: number, distinct: number, seed: number): TrainingData {
  const random = randomFrom(seed);
  const columns = Array.from({ length: 4 }, () =>
    Float64Array.from({ length: rows }, () => below(random, distinct) / 8),
  );
  const [a, b] = columns as [Float64Array, Float64Array];
  const target = a.map((value, row) => (value > distinct / 20 ? 3 : 0) + b[row]! / distinct + random());
  return { columns, target };
}

describe('a forest from histograms', () => {
  test('says of each node the rows that its thresholds send there, whatever the data', async () => {
    for (let seed = 0; seed < 60; seed++) {
      const data = randomData(seed, 40 + 7 * seed, 4);
      const options = { ...randomOptions(seed, 4), minSamplesLeaf: 1 + (seed % 4) };
      const { maxDepth = Infinity, minNumSamples = 3 } = options.treeOptions!;
      for await (const { node, depth, rows } of walk(data, options)) {
        expect([seed, node.count]).toEqual([seed, rows.length]);
        expect(depth).toBeLessThanOrEqual(maxDepth);
        expect(rows.length).toBeGreaterThanOrEqual(options.minSamplesLeaf);
        if ('splitColumn' in node) expect(rows.length).toBeGreaterThan(minNumSamples);
        const mean = rows.reduce((sum, row) => sum + data.target[row]! / rows.length, 0);
        const size = rows.reduce((most, row) => Math.max(most, Math.abs(data.target[row]!)), 0);
        const said = 'distribution' in node ? node.distribution : node.mean!;
        expect(Math.abs(said - mean)).toBeLessThanOrEqual(1e-12 * size);
      }
    }
  });

  test('splits in the middle of two values of rows, so that a threshold is no row’s own', async () => {
    const random = randomFrom(3);
    const columns = [0, 1].map(() => Float64Array.from({ length: 3000 }, random));
    const data = { columns, target: columns[0]!.map((value, row) => value + columns[1]![row]! ** 2) };
    let splits = 0;
    for await (const { node, columns: own } of walk(data, { nEstimators: 3 })) {
      if (!('splitColumn' in node)) continue;
      splits++;
      const values = own[node.splitColumn]!;
      const lower = values.reduce(
        (most, value) => (value < node.splitValue ? Math.max(most, value) : most),
        0,
      );
      expect(lower).toBeLessThan(node.splitValue);
      expect(values.includes(node.splitValue)).toBe(false);
    }
    expect(splits).toBeGreaterThan(1000);
  });

  test('finds the best of all splits where no column has more than 256 values', async () => {
    const data = steps(600, 40, 5);
    const { target } = data;
    for await (const { node, rows, columns } of walk(data, { nEstimators: 2, minSamplesLeaf: 5 })) {
      if (!('splitColumn' in node)) continue;
      const errorOf = (values: Float64Array, value: number) => {
        const left = rows.filter((row) => values[row]! < value).map((row) => target[row]!);
        const right = rows.filter((row) => values[row]! >= value).map((row) => target[row]!);
        return Math.min(left.length, right.length) < 5 ? Infinity : squaredError(left) + squaredError(right);
      };
      const all = columns.flatMap((values) =>
        [...new Set(rows.map((row) => values[row]!))].map((value) => errorOf(values, value)),
      );
      expect(errorOf(columns[node.splitColumn]!, node.splitValue)).toBeLessThan(Math.min(...all) + 1e-9);
    }
  });

  test('has the same bytes by any number of workers, and others by another seed', async () => {
    const data = randomData(17, 400, 5);
    const options = { nEstimators: 7, maxFeatures: 0.6, method: 'histogram' } as const;
    const expected = await trainForest(data, options, 'slim');
    for (const workers of [1, 2, 3, 20]) {
      const forest = await trainInParallel(data, options, 'slim', spawnTrainWorker, workers);
      expect(forest === expected).toBe(true);
    }
    expect((await trainForest(data, { ...options, seed: 43 }, 'slim')) === expected).toBe(false);
  });

  test('grows the same trees on targets with a huge offset', async () => {
    const data = steps(2000, 5000, 9);
    const shape = async (target: Float64Array) =>
      Bun.hash(
        JSON.stringify(await grown({ ...data, target }, { nEstimators: 3 })).replaceAll(
          /"(mean|distribution)":[^,}]+,?/g,
          '',
        ),
      );
    // Whole sixty-fourths stay as they are beside the offset.
    const target = data.target.map((value) => Math.round(64 * value) / 64);
    expect(await shape(target.map((value) => value + 2 ** 40))).toBe(await shape(target));
  });

  test('answers a constant target with it, to the last bit', async () => {
    const { columns } = steps(500, 300, 2);
    const forest = await grown({ columns, target: new Float64Array(500).fill(0.1) }, { nEstimators: 2 });
    for (const { root } of forest.baseModel.estimators)
      expect(root).toEqual({ distribution: 0.1, count: 500 });
  });

  test('draws no row without weight', async () => {
    const data = steps(400, 300, 4);
    const weights = Float64Array.from(data.target, (_, row) => row % 2);
    const target = data.target.map((value, row) => (row % 2 === 0 ? 1e6 : value));
    const forest = await grown({ ...data, target, weights }, { nEstimators: 3 });
    expect(Math.max(...forest.baseModel.estimators.map(({ root }) => root.mean!))).toBeLessThan(10);
  });

  test.each([1, 3, 0.2])(
    'draws 63 %% of the rows, and those of weight %d as often as they weigh',
    (weight) => {
      const rows = 20_000;
      const options = checkTrainOptions({ seed: 5 }, 3);
      const plain = createSampler(options, rows, 3)(7);
      expect(plain.rows.length / rows).toBeCloseTo(1 - 1 / Math.E, 2);
      expect(plain.counts.reduce((sum, count) => sum + count, 0)).toBe(rows);
      expect(plain.rows.every((row) => plain.counts[row]! > 0)).toBe(true);

      const weights = Float64Array.from({ length: rows }, (_, row) => (row % 4 === 0 ? weight : 1));
      const { counts } = createSampler(options, rows, 3, weights)(7);
      const heavy = counts.reduce((sum, count, row) => sum + (row % 4 === 0 ? count : 0), 0) / rows;
      expect(Math.abs(heavy - weight / (weight + 3))).toBeLessThan(0.015);
    },
  );

  test('has no library that would write it', async () => {
    const training = trainForest(steps(20, 5, 1), { method: 'histogram' }, 'library');
    expect(training).rejects.toThrow('no forest of the library');
    await training.catch(() => {});
  });
});

test('binColumns puts every value into the bin that holds it, of more rows than it samples too', () => {
  const random = randomFrom(8);
  const rows = 230_000;
  const columns = [
    Float64Array.from({ length: rows }, () => random() ** 4),
    Float64Array.from({ length: rows }, () => (random() < 0.9 ? 0 : random())),
    Float64Array.from({ length: rows }, () => below(random, 2)),
    new Float64Array(rows).fill(7),
  ];
  const binned = binColumns({ columns, target: new Float64Array(rows) });
  expect(binned.columns.map(({ lowest }) => lowest.length)).toEqual([256, 256, 2, 1]);
  for (const [c, { lowest, highest }] of binned.columns.entries()) {
    const counts = new Float64Array(256);
    let outside = 0;
    for (let row = 0; row < rows; row++) {
      const bin = binned.bins[row * columns.length + c]!;
      counts[bin]!++;
      if (!(columns[c]![row]! >= lowest[bin]! && columns[c]![row]! <= highest[bin]!)) outside++;
    }
    expect(outside).toBe(0);
    for (let bin = 1; bin < lowest.length; bin++) expect(lowest[bin]!).toBeGreaterThan(highest[bin - 1]!);
    if (c === 0) expect(Math.max(...counts)).toBeLessThan((1.5 * rows) / 256);
  }
});

describe('against the exact method on synthetic households', () => {
  const encode = (examples: Examples) =>
    encodeExamples(withTrainedRanges(SAVINGS, examples, false), examples);
  const errorOf = async (method: 'exact' | 'histogram', seed: number) => {
    const width = SAVINGS.encoding.length;
    const fit = encode(drawExamples(12_000, seed));
    const held = encode(drawExamples(8000, seed, 5));
    const options = { nEstimators: 12, seed, treeOptions: { maxDepth: 12, minNumSamples: 20 }, method };
    const forest = JSON.parse(await trainForest(fit, options, 'slim'));
    const rows = Float64Array.from(
      { length: held.target.length * width },
      (_, i) => held.columns[i % width]![Math.floor(i / width)]!,
    );
    const predicted = compile(flatten(forest, width)).predictBatch(rows, held.target.length);
    return predicted.reduce((sum, value, row) => sum + Math.abs(value - held.target[row]!), 0);
  };

  test('errs by less than 1 % more, on the mean of five seeds and of none by 2 %', async () => {
    let ratios = 0;
    for (const seed of [1, 2, 3, 4, 5]) {
      const ratio = (await errorOf('histogram', seed)) / (await errorOf('exact', seed));
      expect(ratio).toBeLessThan(1.02);
      ratios += ratio / 5;
    }
    expect(ratios).toBeLessThan(1.01);
  });
});
