import { AppError } from '../errors.ts';
import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import { readCsv } from './csv-reader.ts';
import { ModelDifference } from './model-difference.ts';
import { columnsOf, isSameOutcome, outcomeOf } from './outcome.ts';
import { type RowFault, RowReader } from './row-reader.ts';

interface Pair {
  a: Inputs[];
  b: Inputs[];
  truth: number[];
}

/**
 * Two models' predictions for the rows of a CSV, beside the outcomes where it has the target's column. A row that either
 * model refuses is reported and left out.
 *
 * @throws AppError `invalid` when the header does not fit both models, or only one has its target's column there
 */
export async function compareOnCsv(
  source: AsyncIterable<Uint8Array>,
  a: Model,
  b: Model,
  onFault: (fault: RowFault) => void,
): Promise<ModelDifference> {
  const difference = new ModelDifference();
  let readers: [RowReader, RowReader] | undefined;
  let labelled = false;
  for await (const records of readCsv(source)) {
    let rows = records;
    if (readers === undefined) {
      const header = records[0];
      const names = header?.fields.map((field) => field.trim()) ?? [];
      const [outcomeA, outcomeB] = [outcomeOf(a.manifest.target), outcomeOf(b.manifest.target)];
      labelled = columnsOf(outcomeA).every((column) => names.includes(column));
      if (labelled && !isSameOutcome(outcomeA, outcomeB))
        throw new AppError(
          'invalid',
          'Cannot compare the two on outcomes: they do not predict the same column.',
        );
      const outcome = labelled ? outcomeA : undefined;
      readers = [new RowReader(header, a.inputs, outcome), new RowReader(header, b.inputs, outcome)];
      rows = records.slice(1);
    }
    const [readA, readB] = readers;
    const pair: Pair = { a: [], b: [], truth: [] };
    for (const record of rows) {
      const [forA, forB] = [readA.read(record), readB.read(record)];
      if (!forA.ok) onFault(forA.fault);
      else if (!forB.ok) onFault(forB.fault);
      else {
        pair.a.push(forA.inputs);
        pair.b.push(forB.inputs);
        pair.truth.push(labelled ? forA.target : Number.NaN);
      }
    }
    const [byA, byB] = [a.predictMany(pair.a), b.predictMany(pair.b)];
    for (const [i, prediction] of byA.entries()) difference.add(prediction, byB[i], pair.truth[i]);
  }
  // Throws the error of an empty file.
  if (readers === undefined) new RowReader(undefined, a.inputs);
  return difference;
}
