import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { CsvParser } from '../../src/dataset/csv.ts';
import { RowReader } from '../../src/dataset/row-reader.ts';
import { sampleFile } from '../../src/dataset/sample-file.ts';
import { InputSchema } from '../../src/model/features.ts';
import type { Feature } from '../../src/model/manifest.ts';
import { testModel } from '../support/model.ts';

/** The file as the batch page reads it. */
function read(text: string, inputs: InputSchema) {
  const parser = new CsvParser();
  const [header, ...records] = [...parser.push(text), ...parser.end()];
  const reader = new RowReader(header, inputs);
  return records.map((record) => reader.read(record));
}

const ends = (amount: fc.Arbitrary<number>) =>
  fc.tuple(amount, amount, amount).map((three) => three.toSorted((a, b) => a - b));

describe('a sample file', () => {
  test('holds households that differ, all of which its own model reads', async () => {
    const { inputs } = await testModel();
    const rows = read(sampleFile(inputs), inputs);
    expect(rows.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(3);
    expect(rows[0]).toMatchObject({ inputs: inputs.defaults() });
  });

  test('shows a row that is refused, and why', async () => {
    const { inputs } = await testModel();
    const rows = read(sampleFile(inputs, true), inputs);
    expect(rows.map(({ ok }) => ok)).toEqual([true, true, true, false]);
    expect(rows[3]).toMatchObject({
      fault: { message: 'column Income: please enter a number from 1 to 10000000.' },
    });
  });

  test('is read by any model that it is made for', async () => {
    const [like] = (await testModel()).manifest.features;
    const feature = fc.oneof(
      ends(fc.double({ min: -1e15, max: 1e15, noNaN: true })).map(([min, proposed, max]) => ({
        kind: 'number' as const,
        ...{ min, max, default: proposed },
      })),
      ends(fc.integer({ min: -1e15, max: 1e15 })).map(([min, proposed, max]) => ({
        kind: 'integer' as const,
        ...{ min, max: max + 0.5, default: proposed },
      })),
      fc.constantFrom('a', 'b, "c"').map((proposed) => ({
        kind: 'choice' as const,
        ...{ min: 0, max: 1, default: proposed, choices: ['a', 'b, "c"'] },
      })),
    );
    fc.assert(
      fc.property(fc.array(feature, { minLength: 1, maxLength: 5 }), (own) => {
        const features = own.map(
          (changes, i): Feature => ({ ...like, name: `f${i}`, column: `Column, "${i}"`, ...changes }),
        );
        const inputs = new InputSchema(features);
        expect(read(sampleFile(inputs, true), inputs).map(({ ok }) => ok)).toEqual([true, true, true, false]);
      }),
      { seed: 37, numRuns: 300 },
    );
  });
});
