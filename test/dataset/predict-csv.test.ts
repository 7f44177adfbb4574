import { describe, expect, test } from 'bun:test';
import { inputsOf } from '../../src/dataset/examples.ts';
import type { ScoredChunk } from '../../src/dataset/bytes/chunk-scorer.ts';
import type { RowFault } from '../../src/dataset/row-reader.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { type PredictCsvOptions, predictCsv } from '../../src/dataset/predict-csv.ts';
import { drawExamples } from '../../src/training/sample.ts';
import { bytesOf } from '../support/bytes.ts';
import { testModel } from '../support/model.ts';

const model = await testModel();
const csv = [...sampleCsv(3000, 5)].join('');
const lines = csv.trimEnd().split('\n');

async function predict(text: string, pieceBytes?: number, options?: PredictCsvOptions) {
  const faults: RowFault[] = [];
  let predicted = 0;
  let out = '';
  const hooks = {
    onFault: (fault: RowFault) => faults.push(fault),
    onPredicted: ({ rows }: ScoredChunk) => {
      predicted += rows;
    },
  };
  for await (const piece of predictCsv(bytesOf(text, pieceBytes), model, hooks, options))
    out += new TextDecoder('utf-8', { ignoreBOM: true }).decode(piece);
  return { lines: out.split('\n').slice(0, -1), faults, predicted };
}

describe('predictCsv', () => {
  test('keeps every column of every row and adds the prediction with its interval', async () => {
    const result = await predict(csv);
    expect(result.lines[0]).toBe(`${lines[0]},prediction,low,high`);
    expect(result.predicted).toBe(3000);
    const examples = drawExamples(3000, 5);
    for (let row = 0; row < 3000; row++) {
      const { amount, interval } = model.predict(inputsOf(model.inputs.features, examples, row));
      const added = [amount, interval.low, interval.high].map((value) => value.toFixed(2));
      expect(result.lines[row + 1]).toBe(`${lines[row + 1]},${added.join(',')}`);
    }
  });

  test('gives the same in pieces of any size', async () => {
    const part = lines.slice(0, 50).join('\n');
    expect(await predict(part, 7)).toEqual(await predict(part));
  });

  test('leaves out bad rows and tells of each, and predicts the others', async () => {
    const some = [...lines.slice(0, 4), 'oops', ...lines.slice(4, 6)].join('\n');
    const { lines: out, faults, predicted } = await predict(some);
    expect(faults).toEqual([{ line: 5, message: 'has 1 field where the header has 27' }]);
    expect(predicted).toBe(5);
    expect(out.slice(1).map((line) => line.split(',')[0])).toEqual(
      lines.slice(1, 6).map((line) => line.split(',')[0]),
    );
  });

  test('takes the teeth out of formulas in columns that it passes on, and of the header', async () => {
    const table = [
      `=evil(),Note,${lines[0]}`,
      `"=HYPERLINK(""http://x"")","a,b",${lines[1]}`,
      `-5,+1e3,${lines[2]}`,
    ].join('\n');
    const { lines: out } = await predict(table);
    expect(out[0].startsWith("'=evil(),Note,")).toBe(true);
    expect(out[1].startsWith(`"'=HYPERLINK(""http://x"")","a,b",`)).toBe(true);
    expect(out[2].startsWith('-5,+1e3,')).toBe(true);
  });

  test('needs no target column, and gives nothing but a header for no rows', async () => {
    const header = model.inputs.features.map(({ column }) => column).join(',');
    expect((await predict(header)).lines).toEqual([`${header},prediction,low,high`]);
  });

  test('refuses a table that has predictions already, lacks a column, or is empty', async () => {
    await expect(predict(`low,${lines[0]}`)).rejects.toThrow(
      'it has a column low already; rename or remove it',
    );
    await expect(predict('Income,Age\n')).rejects.toThrow('its header has no column Dependents');
    await expect(predict('')).rejects.toThrow('it is empty');
  });

  test('keeps bad rows in their places when asked, and says what is wrong with each', async () => {
    const bad = lines[2].replace(/[^,]*,/, 'x,');
    const some = [...lines.slice(0, 2), bad, 'oops', lines[3]].join('\n');
    const { lines: out, faults, predicted } = await predict(some, undefined, { keepBadRows: true });
    expect(out[0]).toBe(`${lines[0]},prediction,low,high,error`);
    expect(out[1]).toStartWith(lines[1]);
    expect(out[1]).toEndWith(',');
    expect(out[2]).toBe(`${bad},,,,${`line 3: ${faults[0].message}`}`);
    const blanks = ','.repeat(lines[0].split(',').length + 3);
    expect(out[3]).toBe(`${blanks}line 4: has 1 field where the header has 27`);
    expect(out[4]).toStartWith(lines[3]);
    expect(predicted).toBe(2);
  });

  test.each([1, 1023, 1024, 1025, 2998])(
    'stops after %p rows, having predicted that many',
    async (maxRows) => {
      let predicted = 0;
      const hooks = {
        onFault() {},
        onPredicted: ({ rows }: ScoredChunk) => {
          predicted += rows;
        },
      };
      const out: Uint8Array[] = [];
      const run = async () => {
        for await (const piece of predictCsv(bytesOf(csv), model, hooks, { maxRows })) out.push(piece);
      };
      await expect(run()).rejects.toThrow(`has more than ${maxRows} ${maxRows === 1 ? 'row' : 'rows'};`);
      expect(predicted).toBe(maxRows);
    },
  );

  test('takes exactly as many rows as it may', async () => {
    expect((await predict(csv, 997, { maxRows: 3000 })).predicted).toBe(3000);
  });
});
