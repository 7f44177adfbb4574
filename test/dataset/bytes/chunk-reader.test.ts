import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { ChunkReader } from '../../../src/dataset/bytes/chunk-reader.ts';
import { readChunks } from '../../../src/dataset/bytes/read-chunks.ts';
import { readCsv } from '../../../src/dataset/csv-reader.ts';
import type { Outcome } from '../../../src/dataset/outcome.ts';
import { type RowFault, RowReader } from '../../../src/dataset/row-reader.ts';
import { messageOf } from '../../../src/errors.ts';
import { InputSchema } from '../../../src/model/features.ts';
import type { Feature } from '../../../src/model/manifest.ts';
import { bytesOf } from '../../support/bytes.ts';
import { testModel } from '../../support/model.ts';
import { OCCUPATIONS, TIERS, trickyCsv } from '../../support/tricky-csv.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const RUNS = Number(process.env.FUZZ_RUNS ?? 400);

interface Read {
  /** Of each good row: its features' values, its target and its weight. */
  rows: number[][];
  faults: RowFault[];
}

type Others = ReadonlyMap<string, string>;

async function readLong(
  bytes: Uint8Array,
  inputs: InputSchema,
  outcome: Outcome,
  others: Others,
): Promise<Read> {
  const read: Read = { rows: [], faults: [] };
  let reader: RowReader | undefined;
  for await (const records of readCsv(bytesOf(bytes))) {
    for (const record of records) {
      if (reader === undefined) {
        reader = new RowReader(record, inputs, outcome, others);
        continue;
      }
      const row = reader.read(record);
      if (!row.ok) read.faults.push(row.fault);
      else {
        const values = inputs.features.map(({ name, choices }) => {
          const value = row.inputs[name]!;
          return typeof value === 'number' ? value : choices!.indexOf(value);
        });
        read.rows.push([...values, row.target, row.weight]);
      }
    }
  }
  return read;
}

async function readShort(
  bytes: Uint8Array,
  inputs: InputSchema,
  outcome: Outcome,
  others: Others,
): Promise<Read> {
  const read: Read = { rows: [], faults: [] };
  let reader: ChunkReader | undefined;
  const add = () => void read.rows.push([...reader!.values, reader!.target, reader!.weight]);
  for await (const chunk of readChunks(bytesOf(bytes))) {
    if (reader === undefined) reader = new ChunkReader(chunk, inputs, outcome, others);
    else
      reader.read(chunk, {
        onGood: add,
        onGoodRecord: add,
        onBad: (fault) => void read.faults.push(fault),
      });
  }
  return read;
}

test(`rows with their outcomes are read as RowReader reads them (FUZZ_SEED=${SEED})`, async () => {
  const choices: Record<string, string[]> = { occupation: OCCUPATIONS, cityTier: TIERS };
  const features: Feature[] = (await testModel()).manifest.features.map((feature) =>
    feature.kind === 'choice' ? { ...feature, choices: choices[feature.name]!, max: 2 } : feature,
  );
  const outcome = fc.record(
    {
      of: fc.constantFrom('Saved', 'Income', 'Weight', 'Date', 'City_Tier'),
      minus: fc.subarray(['Rent', 'Groceries', 'Saved', 'Weight']),
      weight: fc.constantFrom('Weight', 'Saved', 'Rent'),
    },
    { requiredKeys: ['of', 'minus'] },
  );
  const others = fc
    .subarray([
      ['occupation', 'Self-Employed'],
      ['cityTier', 'Tier_3'],
    ] as const)
    .map((entries) => new Map(entries));
  await fc.assert(
    fc.asyncProperty(trickyCsv, outcome, others, async (bytes, where, as) => {
      const inputs = new InputSchema(features);
      const long = await readLong(bytes, inputs, where, as).catch(messageOf);
      const short = await readShort(bytes, inputs, where, as).catch(messageOf);
      expect(short).toEqual(long);
    }),
    { seed: SEED, numRuns: RUNS },
  );
}, 60_000);
