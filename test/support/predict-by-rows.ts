import { csvCell } from '../../src/dataset/csv-cell.ts';
import { readCsv } from '../../src/dataset/csv-reader.ts';
import { describeFault, type RowFault, RowReader } from '../../src/dataset/row-reader.ts';
import type { Inputs } from '../../src/model/features.ts';
import { decimalsOf, fixed } from '../../src/model/fixed.ts';
import type { Model } from '../../src/model/model.ts';

export interface PredictedByRows {
  csv: string;
  faults: RowFault[];
  /** Those of the good rows. */
  inputs: Inputs[];
}

/** Predicts a CSV the long way, a text for each cell and an object for each row: what the short one must give. */
export async function predictByRows(
  source: AsyncIterable<Uint8Array>,
  model: Model,
  keepBadRows = false,
): Promise<PredictedByRows> {
  const result: PredictedByRows = { csv: '', faults: [], inputs: [] };
  const decimals = decimalsOf(model.manifest);
  let reader: RowReader | undefined;
  const write = (cells: readonly string[]) => {
    result.csv += `${cells.map(csvCell).join(',')}\n`;
  };
  for await (const records of readCsv(source)) {
    for (const record of records) {
      if (reader === undefined) {
        reader = new RowReader(record, model.inputs);
        write([...record.fields, 'prediction', 'low', 'high', ...(keepBadRows ? ['error'] : [])]);
        continue;
      }
      const row = reader.read(record);
      const { length } = reader.header;
      if (row.ok) {
        result.inputs.push(row.inputs);
        const { amount, interval } = model.predict(row.inputs);
        const amounts = [amount, interval.low, interval.high].map((value) => fixed(value, decimals));
        write([...record.fields, ...amounts, ...(keepBadRows ? [''] : [])]);
      } else {
        result.faults.push(row.fault);
        const fields = record.fields.length === length ? record.fields : Array(length).fill('');
        if (keepBadRows) write([...fields, '', '', '', describeFault(row.fault)]);
      }
    }
  }
  if (reader === undefined) new RowReader(undefined, model.inputs);
  return result;
}
