import { beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { ChunkScorer, type ScoredChunk } from '../../../src/dataset/bytes/chunk-scorer.ts';
import { readChunks } from '../../../src/dataset/bytes/read-chunks.ts';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { predictCsv } from '../../../src/dataset/predict-csv.ts';
import type { RowFault } from '../../../src/dataset/row-reader.ts';
import { messageOf } from '../../../src/errors.ts';
import { compile } from '../../../src/forest/predict.ts';
import { verifyArtifact } from '../../../src/model/artifact/verify.ts';
import { Model } from '../../../src/model/model.ts';
import { Metrics } from '../../../src/serving/metrics.ts';
import { bytesOf } from '../../support/bytes.ts';
import { testArtifact, testModel } from '../../support/model.ts';
import { predictByRows } from '../../support/predict-by-rows.ts';
import { OCCUPATIONS, TIERS, trickyCsv } from '../../support/tricky-csv.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const RUNS = Number(process.env.FUZZ_RUNS ?? 400);

/** The savings model with choices of which some cannot be passed on as they are. */
async function withOtherChoices(): Promise<Model> {
  const artifact = await testArtifact();
  const { manifest, forest, reference } = verifyArtifact(artifact);
  const renamed: Record<string, readonly string[]> = { occupation: OCCUPATIONS, cityTier: TIERS };
  const features = manifest.features.map((feature) => {
    const choices = renamed[feature.name]?.slice();
    return choices === undefined ? feature : { ...feature, choices, default: choices[0] };
  });
  const encoding = manifest.encoding.map((column) => {
    if (!('choice' in column)) return column;
    const before = manifest.features.find(({ name }) => name === column.feature)!.choices!;
    return { ...column, choice: renamed[column.feature]![before.indexOf(column.choice)]! };
  });
  return new Model({ ...manifest, features, encoding }, artifact.manifestSha256, compile(forest), reference);
}

let model: Model;
beforeAll(async () => {
  model = await withOtherChoices();
});

async function predictByBytes(bytes: Uint8Array, pieceBytes: number, keepBadRows: boolean) {
  const faults: RowFault[] = [];
  const onFault = (fault: RowFault) => void faults.push(fault);
  let rows = 0;
  const onPredicted = (chunk: ScoredChunk) => {
    rows += chunk.rows;
  };
  const parts: Uint8Array[] = [];
  for await (const part of predictCsv(
    bytesOf(bytes, pieceBytes),
    model,
    { onFault, onPredicted },
    { keepBadRows },
  ))
    parts.push(part);
  return { csv: Buffer.concat(parts).toString('utf8'), faults, rows };
}

async function expectSame(bytes: Uint8Array, pieceBytes: number, keepBadRows: boolean): Promise<void> {
  const long = await predictByRows(bytesOf(bytes, pieceBytes), model, keepBadRows).catch(messageOf);
  const short = await predictByBytes(bytes, pieceBytes, keepBadRows).catch(messageOf);
  if (typeof long === 'string' || typeof short === 'string') {
    expect<unknown>(short).toEqual(long);
    return;
  }
  expect(short.csv).toBe(long.csv);
  expect(short.faults).toEqual(long.faults);
  expect(short.rows).toBe(long.inputs.length);
}

describe(`rows read off their bytes give what text and objects give (FUZZ_SEED=${SEED})`, () => {
  const pieces = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 60_000 }));

  test('in files with every trick, in pieces of any size', async () => {
    await fc.assert(
      fc.asyncProperty(trickyCsv, pieces, fc.boolean(), async (bytes, pieceBytes, keepBadRows) => {
        await expectSame(bytes, bytes.length > 100_000 ? pieceBytes + 5_000 : pieceBytes, keepBadRows);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }, 120_000);

  test('with bytes that are not UTF-8, and characters cut in two, at any place', async () => {
    const wrong = fc.constantFrom(
      [0xff],
      [0xc3],
      [0xe2, 0x82],
      [0x80],
      [0xf0, 0x9f, 0x98],
      [0xed, 0xa0, 0x80],
      [0xef],
    );
    await fc.assert(
      fc.asyncProperty(
        trickyCsv,
        wrong,
        fc.double({ min: 0, max: 1, noNaN: true }),
        pieces,
        async (bytes, bad, share, size) => {
          const at = Math.floor(share * bytes.length);
          const broken = Uint8Array.of(...bytes.subarray(0, at), ...bad, ...bytes.subarray(at));
          await expectSame(broken, broken.length > 100_000 ? size + 5_000 : size, true);
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
  }, 120_000);
});

test('what is counted of a chunk is what is counted of its rows one by one', async () => {
  const usual = await testModel();
  const rich = [...sampleCsv(40, 3)].join('').replace(/^\d+\.\d+/gm, '9000000');
  const csv = [...sampleCsv(400, 2), rich.slice(rich.indexOf('\n') + 1)].join('');
  const metrics = ['long', 'short'].map(
    () => new Metrics({ version: '1.2.3', revision: 'abc', runtime: 'test' }),
  );
  for (const one of metrics) one.modelLive(usual, 'champion', new Date(0));

  const { inputs } = await predictByRows(bytesOf(csv), usual);
  metrics[0].predicted(usual, 'champion', 'batch', inputs, usual.predictMany(inputs), 1);
  let scorer: ChunkScorer | undefined;
  for await (const chunk of readChunks(bytesOf(csv, 1e6))) {
    if (scorer === undefined) scorer = new ChunkScorer(chunk, usual, { counts: true });
    else metrics[1].predictedMany(usual, 'champion', 'batch', scorer.score(chunk).counts!, 1);
  }
  const [long, short] = await Promise.all(
    metrics.map(async ({ registry }) => (await registry.metrics()).match(/^savings_(?!process).*/gm)),
  );
  expect(short).toEqual(long);
  expect(long!.join()).toMatch(/savings_input_out_of_range_total\{[^}]*\} [1-9]/);
});
