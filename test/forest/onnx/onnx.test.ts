import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { AppError } from '../../../src/errors.ts';
import { flatten } from '../../../src/forest/flatten.ts';
import { float32Boundary } from '../../../src/forest/onnx/float32-boundary.ts';
import { importOnnx } from '../../../src/forest/onnx/onnx.ts';
import { compile } from '../../../src/forest/predict.ts';
import { loadLibraryForest } from '../../../src/forest/library-forest.ts';
import { below, randomFrom } from '../random.ts';
import { neighbour } from '../random-forest.ts';

// Made by test/fixtures/onnx/make.py with scikit-learn, skl2onnx and onnxruntime.
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/onnx/${name}`, import.meta.url));
const forestFile = new Uint8Array(fixture('forest.onnx'));
const expected: Record<'sklearn' | 'onnxruntime', number[]> & { rows: number[][] } = JSON.parse(
  fixture('expected.json').toString(),
);
const bounds = { features: 4 };

describe('importOnnx', () => {
  const json = importOnnx(forestFile, bounds);

  for (const peer of ['sklearn', 'onnxruntime'] as const) {
    test(`gives a forest that the library loads and that predicts what ${peer} predicts, on thresholds too`, () => {
      const answers = loadLibraryForest(JSON.parse(JSON.stringify(json))).predict(expected.rows);
      expected[peer].forEach((wanted, row) => {
        // Leaves are float32 in the file; the wrong leaf of any tree would be off by far more.
        expect(Math.abs(answers[row] - wanted)).toBeLessThan(1e-6 * Math.max(1, Math.abs(wanted)));
      });
    });
  }

  test('gives a forest that our evaluator answers as the library does', () => {
    const evaluator = compile(flatten(json, 4));
    const answers = loadLibraryForest(json).predict(expected.rows);
    expect(expected.rows.map((row) => evaluator.predictOne(row))).toEqual(answers);
  });

  test('keeps to the bounds of the caller', () => {
    expect(() => importOnnx(forestFile, { ...bounds, maxTrees: 6 })).toThrow('more than 6 trees');
    expect(() => importOnnx(forestFile, { ...bounds, maxDepth: 4 })).toThrow('lies deeper than 4 levels');
  });
});

describe('importOnnx refuses', () => {
  const refusal = (bytes: Uint8Array, features = 4): AppError => {
    try {
      importOnnx(bytes, { features });
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error('was accepted');
  };

  test('another number of columns', () => {
    expect(refusal(forestFile, 5)).toMatchObject({
      code: 'invalid',
      message: 'Cannot import the ONNX file: it takes rows of 4 columns, not 5.',
    });
  });

  test('boosted trees, which add to a base value', () => {
    expect(refusal(new Uint8Array(fixture('boosting.onnx')))).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('base value'),
    });
  });

  test('a pipeline with a step before the forest', () => {
    expect(refusal(new Uint8Array(fixture('pipeline.onnx')))).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('not a single TreeEnsembleRegressor'),
    });
  });

  test('what is no ONNX file', () => {
    for (const bytes of [
      new Uint8Array(0),
      new TextEncoder().encode('{"baseModel":{}}'),
      fixture('make.py'),
    ]) {
      expect(refusal(bytes).code).toBe('corrupt');
    }
  });

  test('a file cut off anywhere in its graph', () => {
    // Behind the graph come only the versions of the operators.
    for (let length = 0; length < forestFile.length - 40; length += 13) {
      expect(refusal(forestFile.subarray(0, length)).code).toBe('corrupt');
    }
  });

  test('or else predicts finite numbers, whatever bytes are changed', () => {
    const changes = fc.record({ seed: fc.nat(), count: fc.integer({ min: 1, max: 4 }) });
    let refused = 0;
    fc.assert(
      fc.property(changes, ({ seed, count }) => {
        const random = randomFrom(seed);
        const bytes = forestFile.slice();
        for (let i = 0; i < count; i++) bytes[below(random, bytes.length)] = below(random, 256);
        try {
          const json = importOnnx(bytes, bounds);
          expect(loadLibraryForest(json).predict([[0, 1, 2, 3]])[0]).toBeFinite();
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          refused++;
        }
      }),
      { seed: 20260611, numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});

test('float32Boundary parts the float64 numbers as rounding to float32 does', () => {
  const special = [0, -0, 1, -1, 0.1, -0.1, 2 ** -149, -(2 ** -149), 2 ** -126, 2 ** 127, -(2 ** 127)];
  const largest = Math.fround(3.4028234663852886e38);
  const thresholds = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(...special.map(Math.fround), largest, -largest),
  );
  fc.assert(
    fc.property(thresholds, (threshold) => {
      const boundary = float32Boundary(threshold);
      const near = [
        boundary,
        neighbour(boundary, 1),
        neighbour(boundary, -1),
        threshold,
        -threshold,
        Infinity,
      ];
      for (const x of [...near, neighbour(threshold, 1), neighbour(threshold, -1), -Infinity, 0, -0]) {
        expect(x < boundary).toBe(Math.fround(x) <= threshold);
      }
    }),
    { seed: 20260611, numRuns: 2_000 },
  );
});
