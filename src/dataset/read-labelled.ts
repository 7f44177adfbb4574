import { AppError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import type { CsvRecord } from './csv.ts';
import { type Examples, ExamplesBuilder, numbersOf } from './examples.ts';
import { FaultReport } from './fault-report.ts';
import { isSameOutcome, outcomeOf } from './outcome.ts';
import { RowReader } from './row-reader.ts';

/** A table of rows with known outcomes, whatever it is kept in. */
export interface LabelledTable {
  /** Such as a file's name; said of a bad row where there are several tables. */
  name: string;
  /** Batches of records, of which the very first is the header. */
  records(): AsyncIterable<CsvRecord[]>;
}

export interface LabelledRows {
  /** By model: the rows that all of them take, as each is given them, but for those of weight 0. */
  examples: Examples[];
  /** The rows that were left out; none, unless they were to be. */
  faults: FaultReport;
}

export interface LabelledOptions {
  /** The column of each row's weight; `null` for none, undefined for the one that the models were trained with. */
  weight?: string | null | undefined;
  /** Leaves bad rows out, which else refuse the whole. */
  dropBadRows?: boolean | undefined;
  onRows?: (rows: number) => void;
}

/**
 * Reads rows with outcomes for one or several models. A row that one of the models does not take is a bad row: models are
 * compared on the same rows.
 *
 * @param models which predict the same column
 * @throws AppError `invalid` that lists the bad lines, or when a header does not fit
 */
export async function readLabelled(
  tables: readonly LabelledTable[],
  models: readonly Pick<Model, 'manifest' | 'inputs'>[],
  { weight, dropBadRows = false, onRows = () => {} }: LabelledOptions = {},
): Promise<LabelledRows> {
  const outcome = { ...sharedOutcome(models), weight: weightColumn(models, weight) };
  const builders = models.map(
    ({ manifest }) => new ExamplesBuilder(manifest.features.length, undefined, outcome.weight !== undefined),
  );
  const values = models.map(({ manifest }) => new Float64Array(manifest.features.length));
  const faults = new FaultReport();
  for (const { name, records } of tables) {
    let readers: RowReader[] | undefined;
    for await (const batch of records()) {
      const rows = readers === undefined ? batch.slice(1) : batch;
      readers ??= models.map(({ inputs }) => new RowReader(batch[0], inputs, outcome));
      for (const record of rows) {
        const read = readers.map((reader) => reader.read(record));
        const bad = read.find((row) => !row.ok);
        if (bad?.ok === false) {
          const message = tables.length === 1 ? bad.fault.message : `of ${name}: ${bad.fault.message}`;
          faults.add({ ...bad.fault, message });
        }
        if (bad !== undefined) continue;
        for (const [m, row] of read.entries()) {
          if (row.ok && row.weight > 0)
            builders[m].add(
              numbersOf(models[m].manifest.features, row.inputs, values[m]),
              row.target,
              row.weight,
            );
        }
      }
      onRows(builders[0].rows);
    }
    // Throws the error of an empty file.
    if (readers === undefined) new RowReader(undefined, models[0].inputs, outcome);
  }
  if (faults.count > 0 && !dropBadRows)
    throw new AppError(
      'invalid',
      `Cannot evaluate on the rows: they hold ${faults.badRows}. Correct them, or add --drop-bad-rows.\n${faults}`,
    );
  return { examples: builders.map((builder) => builder.finish()), faults };
}

function sharedOutcome(models: readonly Pick<Model, 'manifest'>[]) {
  const [outcome, ...others] = models.map(({ manifest }) => outcomeOf(manifest.target));
  if (others.every((other) => isSameOutcome(outcome, other))) return outcome;
  throw new AppError('invalid', 'Cannot compare the two on outcomes: they do not predict the same column.');
}

function weightColumn(models: readonly Pick<Model, 'manifest'>[], given: string | null | undefined) {
  if (given !== undefined) return given ?? undefined;
  const columns = new Set(
    models.flatMap(({ manifest }) => {
      const { weightColumn: column } = manifest.trainer.options;
      return typeof column === 'string' ? [column] : [];
    }),
  );
  if (columns.size <= 1) return [...columns][0];
  throw new AppError(
    'invalid',
    `Cannot tell which weights count: the models were trained with ${[...columns].join(' and ')}. Say one with --weight, or --unweighted.`,
  );
}
