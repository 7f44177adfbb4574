import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { viewsOf } from '../../../src/forest/forest.ts';
import { readMessage, repeatedMessages, repeatedTexts } from '../../../src/forest/onnx/protobuf-reader.ts';
import { METADATA, MODEL } from '../../../src/forest/onnx/fields.ts';
import { compile } from '../../../src/forest/predict.ts';
import type { Artifact } from '../../../src/model/artifact/artifact.ts';
import { type Verified, verifyArtifact } from '../../../src/model/artifact/verify.ts';
import { exportOnnx } from '../../../src/model/onnx/export-onnx.ts';
import type { Inputs } from '../../../src/model/features.ts';
import { type Feature, FILES } from '../../../src/model/manifest.ts';
import { Model } from '../../../src/model/model.ts';
import { readDescription } from '../../../src/training/description/read-description.ts';
import { importModel } from '../../../src/training/import-model.ts';
import { trainCsvModel } from '../../../src/training/train-csv.ts';
import { Random } from '../../../src/dataset/synthetic/random.ts';
import { neighbour } from '../../forest/random-forest.ts';
import { testArtifact } from '../../support/model.ts';
import { hasOnnxruntime, scoreOnnx } from '../../support/onnxruntime.ts';
import { OTHER_MODELS, type OtherModel, otherModel } from '../../support/other-models.ts';
import { SURVEY, surveyCsv } from '../../support/survey.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(120_000);

const SHA256 = 'f'.repeat(64);
const ROWS = 10_000;
const SINGLES = 300;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const exported = (verified: Verified) => exportOnnx(verified, SHA256, '1.0.0');
const modelOf = ({ manifest, forest }: Verified) => new Model(manifest, SHA256, compile(forest));

/** A forest of scikit-learn, which has neither quantiles nor means. */
async function imported(): Promise<Artifact> {
  const { manifest } = await testArtifact();
  const trainer = { ...manifest.trainer, library: 'scikit-learn', options: {} };
  const csv = [...sampleCsv(3000, 77)].join('');
  return importModel({
    onnx: await readFile(join(import.meta.dir, '../../fixtures/onnx/savings.onnx')),
    by: { manifest: { ...manifest, trainer } },
    csv: async function* () {
      yield bytesOf(csv);
    },
    now: new Date(Date.UTC(2026, 0, 1)),
  });
}

/** Every kind of derived column, also of derived ones, and a clamp on one of them. */
async function ofEveryOperation(): Promise<Artifact> {
  const description = {
    ...SURVEY,
    name: 'every-operation',
    features: SURVEY.features.map((feature) =>
      feature.name === 'income' ? { ...feature, min: 1 } : feature,
    ),
    derived: [
      { name: 'rentShare', label: 'Rent by income', op: 'share', of: 'rent', by: 'income' },
      { name: 'rentAhead', label: 'Rent a child', op: 'ratio', of: 'rent', by: 'children' },
      { name: 'both', label: 'Both', op: 'sum', of: ['income', 'rent', 'children'] },
      { name: 'left', label: 'Left', op: 'remainder', of: 'income', minus: ['rent', 'children'] },
      { name: 'ahead', label: 'Ahead', op: 'difference', of: 'both', minus: 'left' },
    ],
    target: {
      column: 'Put aside',
      label: 'Money put by',
      transform: { multiplyBy: 'income' },
      clamp: { min: -200, max: 'left' },
    },
  };
  return trainCsvModel({
    description: readDescription(bytesOf(JSON.stringify(description)), 'every.json'),
    csv: async function* () {
      yield bytesOf(surveyCsv());
    },
    fileName: 'every.csv',
    forest: { trees: 20, depth: 6, nodeSize: 8 },
    version: 'every-1',
    now: new Date(Date.UTC(2026, 0, 1)),
  });
}

/** Intervals as wide for all of a band, with bands that a small model does not have. */
function withBands(verified: Verified): Verified {
  const band = { measuredCoverage: 0.9, rows: 100 };
  const bands = [
    { below: 20_000, quantile: 0.21, ...band },
    { below: 60_000, quantile: 0.12, ...band },
    { below: null, quantile: 0.07, ...band },
  ];
  const { manifest } = verified;
  return {
    ...verified,
    manifest: { ...manifest, interval: { ...manifest.interval, method: 'split-conformal', bands } },
  };
}

const MODELS: Record<string, () => Promise<Verified>> = {
  'the sample model': async () => verifyArtifact(await testArtifact()),
  'the sample model with bands': async () => withBands(verifyArtifact(await testArtifact())),
  'a forest of scikit-learn': async () => verifyArtifact(await imported()),
  'derived columns of every operation': async () => verifyArtifact(await ofEveryOperation()),
  ...Object.fromEntries(
    (Object.keys(OTHER_MODELS) as OtherModel[]).map((name) => [
      name,
      async () => verifyArtifact((await otherModel(name)).artifact),
    ]),
  ),
};

function randomInputs({ manifest }: Pick<Verified, 'manifest'>, random: Random): Inputs {
  const value = ({ kind, choices, min, max, trained }: Feature) => {
    if (choices !== undefined) return choices[random.integer(0, choices.length - 1)]!;
    // One in eight from all that is accepted, others from what is usual.
    const [low, high] = random.uniform() < 0.125 ? [min, max] : [trained.min, trained.max];
    const number = low + random.uniform() * (high - low);
    return Math.min(max, Math.max(min, kind === 'integer' ? Math.round(number) : number));
  };
  return Object.fromEntries(manifest.features.map((feature) => [feature.name, value(feature)]));
}

/** Inputs whose column is exactly a threshold of the forest, or the float64 beside one. */
function* onThresholds({ manifest, forest }: Verified, random: Random): Generator<Inputs> {
  const { numbers, words } = viewsOf(forest.nodes);
  const numberOf = (name: string) =>
    manifest.features.find((feature) => feature.name === name && feature.kind === 'number');
  for (let node = 0; node < numbers.length / 2; node++) {
    const column = manifest.encoding[words[4 * node + 2]!];
    if (column === undefined || 'choice' in column) continue;
    for (const threshold of [
      numbers[2 * node]!,
      neighbour(numbers[2 * node]!, random.uniform() < 0.5 ? 1 : -1),
    ]) {
      const inputs = { ...randomInputs({ manifest }, random) };
      if ('feature' in column) inputs[column.feature] = threshold;
      else {
        // A power of two as divisor leaves the share exact.
        const derived = manifest.derived.find(({ name }) => name === column.derived)!;
        if (derived.op !== 'share' || numberOf(derived.of) === undefined) continue;
        const by = 2 ** Math.floor(Math.log2(Number(inputs[derived.by])));
        inputs[derived.by] = by;
        inputs[derived.of] = threshold * by;
      }
      yield inputs;
    }
  }
}

/** Incomes where a band of the interval begins, and the float64 before it, with little spent, so that nothing is clamped. */
function onBands({ manifest, inputs, income, expenses }: Model): Inputs[] {
  if (income === undefined) return [];
  const spent = Object.fromEntries(expenses.map(({ name, min }) => [name, min]));
  return manifest.interval.bands
    .flatMap(({ below }) => (below === null ? [] : [below, neighbour(below, -1)]))
    .map((value) => ({ ...inputs.defaults(), ...spent, [income.name]: value }));
}

const columnsOf = ({ manifest }: Verified, inputs: readonly Inputs[]) =>
  Object.fromEntries(manifest.features.map(({ name }) => [name, inputs.map((row) => row[name]!)]));

describe.skipIf(!hasOnnxruntime())('exportOnnx', () => {
  test.each(Object.keys(MODELS))('%s: onnxruntime predicts what we predict', async (name) => {
    const verified = await MODELS[name]!();
    const model = modelOf(verified);
    const random = new Random(20_261_127);
    const golden = verified.golden.rows.map(({ inputs }) => inputs);
    const edges = [...onThresholds(verified, random)].filter((inputs) => model.inputs.parse(inputs).ok);
    expect(edges.length).toBeGreaterThan(100);
    const ordinary = Array.from({ length: ROWS }, () => randomInputs(verified, random));
    const first = [...golden, ...onBands(model), ...edges].slice(0, SINGLES);
    const inputs = [...first, ...ordinary, ...edges];

    const { batch, single } = await scoreOnnx(exported(verified), columnsOf(verified, inputs), SINGLES);
    const wanted = model.predictMany(inputs).map(({ amount, interval: { low, high } }) => ({
      prediction: amount,
      low,
      high,
    }));
    for (const [answers, rows] of [
      [batch, inputs.length],
      [single, SINGLES],
    ] as const) {
      expect(answers.prediction).toHaveLength(rows);
      let furthest = 0;
      for (let row = 0; row < rows; row++) {
        const { prediction, low, high } = wanted[row]!;
        // What an interval's end is made of can cancel out to far less than its parts.
        const size = Math.abs(prediction) + Math.abs(low) + Math.abs(high);
        for (const [of, value] of Object.entries({ prediction, low, high })) {
          const difference = Math.abs(answers[of]![row]! - value);
          if (answers[of]![row] === null || difference > 1e-12 * size) throw new Error(`row ${row}: ${of}`);
          if (difference > 0) furthest = Math.max(furthest, difference / Math.abs(value));
        }
      }
      expect(furthest).toBeLessThan(1e-6);
    }
  });

  test.each(['the sample model', 'derived columns of every operation', 'trunks'])(
    '%s: NaN for what the API refuses, and for nothing else',
    async (name) => {
      const verified = await MODELS[name]!();
      const model = modelOf(verified);
      const usual = model.inputs.defaults();
      const inputs = verified.manifest.features.flatMap(({ name: input, choices, min, max, kind }) => {
        const values =
          choices !== undefined
            ? [...choices, '', 'None of them', `${choices[0]} `, choices[0]!.toUpperCase()]
            : [
                ...[min, neighbour(min, -1), max, neighbour(max, 1), Number.NaN],
                ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300],
                ...(kind === 'integer' ? [min + 0.5, neighbour(max, -1)] : []),
              ];
        return [usual, ...values.map((value) => ({ ...usual, [input]: value }))];
      });
      const { batch, single } = await scoreOnnx(
        exported(verified),
        columnsOf(verified, inputs),
        inputs.length,
      );
      const taken = inputs.map((row) => model.inputs.parse(row).ok);
      expect(taken).toContain(true);
      expect(taken).toContain(false);
      for (const answers of [batch, single]) {
        for (const of of ['prediction', 'low', 'high'])
          expect(answers[of]!.map((answer) => answer !== null)).toEqual(taken);
      }
    },
  );
});

describe('an exported file', () => {
  const metadataOf = (bytes: Uint8Array) =>
    Object.fromEntries(
      repeatedMessages(readMessage(bytes), MODEL.metadata).map((entry) => [
        repeatedTexts(entry, METADATA.key)[0],
        repeatedTexts(entry, METADATA.value)[0],
      ]),
    );

  test('says which model it is, and holds its golden rows', async () => {
    const artifact = await testArtifact();
    const verified = verifyArtifact(artifact);
    const { golden, ...metadata } = metadataOf(exported(verified));
    expect(metadata).toEqual({
      format: artifact.manifest.format,
      name: 'savings',
      version: 'test-1',
      manifestSha256: SHA256,
      forestSha256: artifact.manifest.files.find(({ path }) => path === FILES.forest)!.sha256,
      target: 'Savings',
      unit: '₹/month',
      currency: 'INR',
      period: 'month',
      coverage: '0.9',
    });
    const rows = JSON.parse(golden!);
    expect(rows.map(({ inputs }: { inputs: Inputs }) => inputs)).toEqual(
      verified.golden.rows.map(({ inputs }) => inputs),
    );
    expect(rows.map(({ prediction }: { prediction: number }) => prediction)).toEqual(
      verified.golden.rows.map(({ amount }) => amount),
    );
  });

  test('names no currency and no period where the target has none', async () => {
    const verified = verifyArtifact((await otherModel('trunks')).artifact);
    expect(Object.keys(metadataOf(exported(verified)))).not.toContain('currency');
    expect(Object.keys(metadataOf(exported(verified)))).not.toContain('period');
  });

  test('is the same for the same model', async () => {
    const artifact = await testArtifact();
    expect(exported(verifyArtifact(artifact))).toEqual(exported(verifyArtifact(artifact)));
  });

  test('cannot be made of a model whose input has the name of an output', async () => {
    const verified = verifyArtifact((await otherModel('trunks')).artifact);
    const [first, ...others] = verified.manifest.features;
    const features = [{ ...first!, name: 'low' }, ...others];
    expect(() => exported({ ...verified, manifest: { ...verified.manifest, features } })).toThrow(
      "Cannot export version trunks-1: its input low has the name of one of the graph's outputs, prediction, low, high. " +
        'Train it with another name for the input.',
    );
  });
});
