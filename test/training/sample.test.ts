import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { gunzipSync } from 'node:zlib';
import { trainingWorkers } from '../../src/cli/training-workers.ts';
import { generateRows } from '../../src/dataset/synthetic/households.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { checkForest } from '../../src/forest/format.ts';
import { checkArtifact } from '../../src/model/artifact/artifact.ts';
import { goldenSchema } from '../../src/model/artifact/golden.ts';
import { FILES, manifestSchema } from '../../src/model/manifest.ts';
import { referenceDistributionSchema } from '../../src/model/reference-distribution.ts';
import { sha256 } from '../../src/model/sha256.ts';
import { verifyArtifact } from '../../src/model/artifact/verify.ts';
import { PHASES, type Progress } from '../../src/training/progress.ts';
import { drawExamples, type SampleOptions, trainSampleModel } from '../../src/training/sample.ts';
import { methodFor } from '../../src/training/grow-forest.ts';

// Real training and real processes take their time on a busy machine.
setDefaultTimeout(60_000);

const NOW = new Date('2026-11-23T09:30:00Z');
const SMALL: SampleOptions = { rows: 400, freshRows: 3000, forest: { trees: 6, nodeSize: 10 }, now: NOW };

const artifact = await trainSampleModel(SMALL);
const { manifest, files } = artifact;
const json = (path: string) => JSON.parse(Buffer.from(files.get(path)!).toString());

describe('trainSampleModel', () => {
  test('makes every file of an artifact but the signature', () => {
    const { signature, ...made } = FILES;
    expect([...files.keys()].sort()).toEqual(Object.values(made).sort());
  });

  test('writes a manifest that is valid and names every other file with its size and hash', () => {
    expect(manifestSchema.parse(json(FILES.manifest))).toEqual(manifest);
    expect(manifest.files).toHaveLength(files.size - 1);
    for (const { path, bytes, sha256: expected } of manifest.files) {
      expect(files.get(path)).toHaveLength(bytes);
      expect(sha256(files.get(path)!)).toBe(expected);
    }
  });

  test('writes a slim, annotated forest within its bounds', () => {
    const forest = checkForest(JSON.parse(gunzipSync(files.get(FILES.forest)!).toString()), {
      features: manifest.encoding.length,
      maxTrees: 6,
      maxDepth: 12,
    });
    const root = forest.baseModel.estimators[0].root;
    expect(Object.keys(root)).toContain('mean');
    expect(Object.keys(root)).not.toContain('gainFunction');
  });

  test('passes every check of loading, the golden replay against the library among them', () => {
    expect(() => verifyArtifact(artifact)).not.toThrow();
    expect(checkArtifact(files)).toEqual(artifact);
    expect(goldenSchema.parse(json(FILES.golden)).rows.length).toBeGreaterThan(40);
  });

  test('has golden rows that overspend, that spend nothing, and that lie beyond the trained range', () => {
    const { rows } = goldenSchema.parse(json(FILES.golden));
    const expenses = manifest.features.filter(({ role }) => role === 'expense').map(({ name }) => name);
    const spent = rows.map(({ inputs }) => expenses.reduce((sum, name) => sum + Number(inputs[name]), 0));
    expect(rows.some(({ inputs, amount }, i) => spent[i] > Number(inputs.income) && amount === 0)).toBe(true);
    expect(spent).toContain(0);
    const income = manifest.features[0].trained;
    expect(rows.some(({ inputs }) => Number(inputs.income) > income.max)).toBe(true);
    expect(rows.some(({ inputs }) => Number(inputs.income) < income.min)).toBe(true);
  });

  test('has golden rows that lie exactly on a threshold of a tree', () => {
    const { rows } = goldenSchema.parse(json(FILES.golden));
    const forest = gunzipSync(files.get(FILES.forest)!).toString();
    const onThreshold = rows.filter(({ inputs }) => forest.includes(`"splitValue":${inputs.income},`));
    expect(onThreshold.length).toBeGreaterThan(1);
  });

  test('describes the training rows for drift: each feature once, shares that sum to 1', () => {
    const reference = referenceDistributionSchema.parse(json(FILES.reference));
    expect(reference.rows).toBe(400);
    expect(reference.features.map(({ feature }) => feature)).toEqual(
      manifest.features.map(({ name }) => name),
    );
  });

  test('names the version after the day and the content, the same for the same options', async () => {
    const again = await trainSampleModel(SMALL);
    expect(manifest.version).toMatch(/^sample-20261123-[0-9a-f]{8}$/);
    expect(again.manifest).toEqual(manifest);
    expect(Object.fromEntries(again.files)).toEqual(Object.fromEntries(files));

    const other = await trainSampleModel({ ...SMALL, forest: { ...SMALL.forest, seed: 43 } });
    expect(other.manifest.version).not.toBe(manifest.version);
  });

  test('makes the very same artifact on several workers', async () => {
    const parallel = await trainSampleModel({ ...SMALL, workers: trainingWorkers(2) });
    expect(Object.fromEntries(parallel.files)).toEqual(Object.fromEntries(files));
  });

  test('says truly which library its forests are equal to', async () => {
    const { version } = await Bun.file(Bun.resolveSync('ml-random-forest/package.json', '.')).json();
    expect(manifest.trainer).toMatchObject({ library: 'ml-random-forest', libraryVersion: version });
  });

  test('says which method grew it and that its rows chose that: histograms from 25,000 rows on', () => {
    expect(manifest.trainer.method).toEqual({ name: 'exact', chosenBy: 'rows' });
    expect([24_999, 25_000].map(methodFor)).toEqual(['exact', 'histogram']);
  });

  test('takes a version name and a git commit where they are given', async () => {
    const named = await trainSampleModel({ ...SMALL, version: 'spring.1', gitSha: 'abc1234' });
    expect(named.manifest).toMatchObject({ version: 'spring.1', gitSha: 'abc1234' });
  });

  test('says where the data came from, with the hash of the CSV that anybody can make', () => {
    expect(manifest.data.sha256).toBe(sha256(Buffer.from([...sampleCsv(400, 42)].join(''))));
    expect(manifest.data.source).toContain('no people');
    expect(manifest.createdAt).toBe('2026-11-23T09:30:00.000Z');
    expect(manifest.reviewBy).toBe('2027-05-22T09:30:00.000Z');
  });

  test('scores on rows that no tree has seen, against baselines', () => {
    const { model, mean, linear, brackets } = manifest.metrics;
    expect(manifest.format).toBe('savings-model/2');
    expect(manifest.trainer).toMatchObject({ rows: 400, calibrationRows: 3000, holdoutRows: 3000 });
    expect(model.mae).toBeLessThan(linear.mae * 0.6);
    expect(linear.mae).toBeLessThan(mean.mae * 0.5);
    expect(brackets!.mae).toBeLessThan(linear.mae * 0.6);
    expect(Math.abs(mean.r2)).toBeLessThan(0.02);
  });

  test('ranks the inputs by what each is worth, with how sure that is', () => {
    const { importances } = manifest;
    expect(importances.map(({ feature }) => feature).sort()).toEqual(
      manifest.features.map(({ name }) => name).sort(),
    );
    expect(importances[0].feature).toBe('income');
    const worth = (name: string) => importances.find(({ feature }) => feature === name)!;
    expect(worth('rent').maeIncrease).toBeGreaterThan(5 * worth('rent').standardDeviation);
    expect(Math.abs(worth('age').maeIncrease)).toBeLessThan(worth('rent').maeIncrease / 20);
  });

  test('tells how far it is, phase by phase, and never backwards', async () => {
    const seen: Progress[] = [];
    await trainSampleModel({ ...SMALL, onProgress: (progress) => seen.push(progress) });
    // One pass over the calibration rows also finds the bands.
    const phases = PHASES.filter((phase) => phase !== 'bands');
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(phases);
    for (const [i, { phase, done, total }] of seen.entries()) {
      expect(done).toBeLessThanOrEqual(total!);
      if (seen[i - 1]?.phase === phase) expect(done).toBeGreaterThanOrEqual(seen[i - 1].done);
    }
    expect(seen.at(-1)).toMatchObject({ phase: 'importances', done: seen.at(-1)!.total });
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    const training = trainSampleModel({
      ...SMALL,
      signal: stop.signal,
      onProgress: ({ phase }) => phase === 'scores' && stop.abort(new Error('stopped by the test')),
    });
    await expect(training).rejects.toThrow('stopped by the test');
  });

  test('refuses to state an interval on too few rows', async () => {
    await expect(trainSampleModel({ ...SMALL, freshRows: 5 })).rejects.toThrow('Cannot state an interval');
  });

  test('writes a card with the scores, the interval and the limits', () => {
    const card = Buffer.from(files.get(FILES.card)!).toString();
    expect(card).toContain(manifest.version);
    expect(card).toContain(manifest.data.sha256);
    expect(card).toContain(Math.round(manifest.metrics.model.mae).toLocaleString('en'));
    for (const feature of manifest.features) expect(card).toContain(`| ${feature.label} |`);
    expect(card).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe('drawExamples', () => {
  test('holds the features of the savings model and the desired savings', () => {
    const examples = drawExamples(3, 5, 2);
    const households = [...generateRows(3, 5, 2)];
    expect([...examples.target]).toEqual(households.map((h) => h.Desired_Savings));
    const { Income, Age, Dependents, Rent } = households[1];
    expect([...examples.inputs.subarray(14, 18)]).toEqual([Income, Age, Dependents, Rent]);
  });
});
