import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { accuraciesOf } from '../../src/dataset/accuracy.ts';
import { readCsv } from '../../src/dataset/csv-reader.ts';
import { readLabelled } from '../../src/dataset/read-labelled.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { evaluate } from '../../src/training/evaluate.ts';
import { testModel } from '../support/model.ts';

const csv = [...sampleCsv(120, 6)].join('');
const bytes = new TextEncoder().encode(csv);
const header = csv.slice(0, csv.indexOf('\n') + 1);

/** A table that comes in these pieces. */
const tableOf = (...pieces: Uint8Array[]) => ({
  name: 'rows.csv',
  records: () =>
    readCsv(
      (async function* () {
        yield* pieces;
      })(),
    ),
});

describe('readLabelled', () => {
  test('in whatever pieces and files the rows come, the intervals are the same', async () => {
    const model = await testModel();
    const measure = async (tables: ReturnType<typeof tableOf>[]) => {
      const [examples] = (await readLabelled(tables, [model])).examples;
      return accuraciesOf(examples!, [await evaluate(model, examples!, 'scores', {})]);
    };
    const expected = await measure([tableOf(bytes)]);
    const lines = csv.slice(header.length).split(/(?<=\n)/);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.nat(lines.length), async (cut, file) => {
        const pieces = tableOf(bytes.subarray(0, cut), bytes.subarray(cut));
        expect(await measure([pieces])).toEqual(expected);
        const part = (rows: string[]) => tableOf(new TextEncoder().encode(header + rows.join('')));
        expect(await measure([part(lines.slice(0, file)), part(lines.slice(file))])).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  test('models that were trained with different weights need to be told which count', async () => {
    const model = await testModel();
    const withWeight = (weightColumn: string) => {
      const options = { ...model.manifest.trainer.options, weightColumn };
      const trainer = { ...model.manifest.trainer, options };
      return { inputs: model.inputs, manifest: { ...model.manifest, trainer } };
    };
    const models = [withWeight('Age'), withWeight('Dependents')];
    await expect(readLabelled([tableOf(bytes)], models)).rejects.toThrow(
      'the models were trained with Age and Dependents. Say one with --weight, or --unweighted.',
    );
    const [given] = (await readLabelled([tableOf(bytes)], models, { weight: 'Age' })).examples;
    expect(given!.weights).toHaveLength(120);
    const [none] = (await readLabelled([tableOf(bytes)], models, { weight: null })).examples;
    expect(none!.weights).toBeUndefined();
    // A household without dependents counts for nothing.
    const [some] = (await readLabelled([tableOf(bytes)], models, { weight: 'Dependents' })).examples;
    expect(some!.rows).toBeLessThan(120);
  });
});
