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
  test("holds the model's own examples, all of which it reads", async () => {
    const { inputs, manifest } = await testModel();
    const examples = manifest.examples!;
    expect(examples.length).toBeGreaterThan(1);
    const rows = read(sampleFile(manifest), inputs);
    expect(rows).toMatchObject(examples.map((example) => ({ ok: true, inputs: example.inputs })));
  });

  test('holds households that differ where the model brings no examples', async () => {
    const { inputs, manifest } = await testModel();
    const rows = read(sampleFile({ features: manifest.features }), inputs);
    expect(rows.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(3);
    expect(rows[0]).toMatchObject({ inputs: inputs.defaults() });
  });

  test('shows a row that is refused, and why', async () => {
    const { inputs, manifest } = await testModel();
    const rows = read(sampleFile(manifest, true), inputs);
    expect(rows.map(({ ok }) => ok)).toEqual([...manifest.examples!.map(() => true), false]);
    expect(rows.at(-1)).toMatchObject({
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
        expect(read(sampleFile({ features }, true), inputs).map(({ ok }) => ok)).toEqual([
          true,
          true,
          true,
          false,
        ]);
      }),
      { seed: 37, numRuns: 300 },
    );
  });
});
