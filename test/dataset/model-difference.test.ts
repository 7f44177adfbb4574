import { describe, expect, test } from 'bun:test';
import { compareOnCsv } from '../../src/dataset/compare-csv.ts';
import { ModelDifference } from '../../src/dataset/model-difference.ts';
import type { RowFault } from '../../src/dataset/row-reader.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { bytesOf } from '../support/bytes.ts';
import { testArtifact, testModel } from '../support/model.ts';

const prediction = (amount: number, income = 1000) => ({ amount, income });

describe('ModelDifference', () => {
  test('says how far apart the predictions are', () => {
    const difference = new ModelDifference();
    for (const [a, b] of [
      [10, 10],
      [10, 14],
      [10, 8],
    ])
      difference.add(prediction(a!), prediction(b!));
    expect(difference.overall()).toEqual({
      rows: 3,
      differing: 2,
      mean: 2 / 3,
      meanAbsolute: 2,
      percentile95: 4,
      largest: 4,
      meanShareOfIncome: 0.002,
    });
  });

  test('without rows there is nothing to say, and without outcomes no verdict', () => {
    const difference = new ModelDifference();
    expect(difference.overall()).toBeUndefined();
    difference.add(prediction(1), prediction(2));
    difference.add(prediction(1), prediction(2));
    expect(difference.verdict()).toBeUndefined();
  });

  test('parts rows by the income bands of a model, each row into one', async () => {
    const { manifest } = await testModel();
    const bands = [100, 200, 300, null].map((below) => ({ ...manifest.interval.bands[0], below }));
    const difference = new ModelDifference();
    for (const income of [1, 99, 100, 300, 1e9]) difference.add(prediction(1, income), prediction(2));
    const byBand = difference.byBand({
      manifest: { ...manifest, interval: { ...manifest.interval, bands } },
    });
    expect(byBand.map(({ below, rows }) => [below, rows])).toEqual([
      [100, 2],
      [200, 1],
      [null, 2],
    ]);
  });

  test('names the nearer one only when the outcomes leave no doubt', () => {
    const near = new ModelDifference();
    const alike = new ModelDifference();
    for (let i = 0; i < 100; i++) {
      near.add(prediction(100 + (i % 7)), prediction(100 + (i % 3)), 100);
      alike.add(prediction(100 + (i % 2)), prediction(101 - (i % 2)), 100);
    }
    expect(near.verdict()).toMatchObject({ better: 'b' });
    expect(near.verdict()!.high).toBeLessThan(0);
    expect(alike.verdict()).toMatchObject({ better: 'unclear' });
  });
});

describe('compareOnCsv', () => {
  const csv = [...sampleCsv(200, 9)].join('');
  const models = async () => {
    const b = await loadModel(await testArtifact('test-2'), { spawn: spawnLoadWorker });
    return [await testModel(), b] as const;
  };

  test('reads inputs and outcomes, and tells of bad rows', async () => {
    const [a, b] = await models();
    const faults: RowFault[] = [];
    const text = csv.replace(/\n/, '\noops\n');
    const difference = await compareOnCsv(bytesOf(text), a, b, (fault) => faults.push(fault));
    expect(difference.overall()!.rows).toBe(200);
    expect(faults.map(({ line }) => line)).toEqual([2]);
    expect(difference.verdict()!.a.r2).toBeGreaterThan(0.5);
  });

  test('a model is no different from itself', async () => {
    const model = await testModel();
    const difference = await compareOnCsv(bytesOf(csv), model, model, () => {});
    expect(difference.overall()).toMatchObject({ differing: 0, largest: 0 });
    expect(difference.verdict()!.better).toBe('unclear');
  });
});
