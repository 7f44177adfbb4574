import { DATA_EXTENSIONS, dataFormatOf } from '../dataset/data-format.ts';
import { FaultReport } from '../dataset/fault-report.ts';
import { gzipped } from '../dataset/gzip.ts';
import { scoreParquet } from '../dataset/parquet/score-parquet.ts';
import { predictCsv } from '../dataset/predict-csv.ts';
import type { ScoringPool } from '../dataset/scoring/scoring-pool.ts';
import type { Model } from '../model/model.ts';
import { replaceFileBy } from '../store/directory/durable-file.ts';
import { EXIT, type Io, UsageError } from './command.ts';
import { inputCsv, withParquetFile } from './input.ts';
import { writeResult } from './output.ts';
import { ProgressLine } from './progress-line.ts';

/** @throws UsageError when the one cannot be written from the other */
export function checkFormats(from: string, to: string | undefined): void {
  const target = to === undefined ? 'csv' : dataFormatOf(to);
  if (target === undefined) throw new UsageError(`--out must end with ${DATA_EXTENSIONS}.`);
  // What type a text of a CSV is would be a guess.
  if (target === 'parquet' && dataFormatOf(from) !== 'parquet')
    throw new UsageError(
      'Write a CSV, or read Parquet: the columns of a CSV have no types that Parquet could keep.',
    );
}

/**
 * Predicts a file, or standard input, into a file, or to standard output. @returns the exit code
 *
 * @throws AppError
 */
export async function predictFile(
  from: string,
  to: string | undefined,
  model: Model,
  pool: ScoringPool | undefined,
  io: Io,
): Promise<number> {
  const faults = new FaultReport();
  const progress = new ProgressLine(io.stderr);
  const staysParquet = to !== undefined && dataFormatOf(to) === 'parquet';
  let predicted = 0;
  const onFault = faults.add.bind(faults);
  const onPredicted = (rows: number) => {
    predicted += rows;
    progress.update('rows predicted', predicted, undefined);
  };
  const csv = () =>
    predictCsv(
      inputCsv(from, io),
      model,
      { onFault, onPredicted: ({ rows }) => onPredicted(rows) },
      { pool },
    );
  try {
    if (to === undefined) {
      // Whoever stops reading early has what they wanted.
      if (!(await writeResult(io.stdout, csv()))) return EXIT.done;
    } else if (staysParquet) {
      const onScored = ({ rows, faults }: { rows: number; faults: { length: number } }) =>
        onPredicted(rows - faults.length);
      await replaceFileBy(
        to,
        withParquetFile(from, (file) => scoreParquet(file, model, { onFault, onScored })),
      );
    } else {
      await replaceFileBy(to, dataFormatOf(to) === 'csv.gz' ? gzipped(csv()) : csv());
    }
  } finally {
    progress.end();
  }
  if (faults.count === 0) return EXIT.done;
  const fate = staysParquet ? `${faults.badRows} without predictions` : faults.leftOut;
  io.stderr.write(`savings predict: ${fate}, ${predicted} predicted.\n${faults}\n`);
  return EXIT.failed;
}
