import { createHash } from 'node:crypto';
import { AppError } from '../errors.ts';
import { InputSchema } from '../model/features.ts';
import type { Feature } from '../model/manifest.ts';
import { ChunkReader } from './bytes/chunk-reader.ts';
import { readChunks } from './bytes/read-chunks.ts';
import { type Examples, ExamplesBuilder } from './examples.ts';
import { FaultReport } from './fault-report.ts';
import { hashed } from './hashed.ts';
import type { Outcome } from './outcome.ts';
import type { RowFault } from './row-reader.ts';

export interface ReadExamples {
  examples: Examples;
  /** sha256 of the bytes that were read. */
  sha256: string;
  /** The rows that were left out; none, unless they were to be. */
  faults: FaultReport;
}

/**
 * Reads a training set. One bad row is enough to refuse the file, since to drop rows in silence is to train on other
 * data than was meant; but the whole file is read, so that everything can be corrected at once.
 *
 * @param outcome where the target is, and the weight
 * @param dropBadRows leaves bad rows out and reports them
 * @param others by feature: the choice as which texts that are no choice count
 * @param faults gathers what is wrong, and knows where rows are from
 * @param faults gathers what is wrong with rows
 * @param onRows called with the number of rows that have been read
 * @throws AppError `invalid` that lists the bad lines
 */
export async function readExamples(
  source: AsyncIterable<Uint8Array>,
  features: readonly Feature[],
  outcome: Outcome,
  onRows: (rows: number) => void = () => {},
  dropBadRows = false,
  others: ReadonlyMap<string, string> = new Map(),
  faults = new FaultReport(),
): Promise<ReadExamples> {
  const hash = createHash('sha256');
  const builder = new ExamplesBuilder(features.length, undefined, outcome.weight !== undefined);
  const inputs = new InputSchema(features);
  let reader: ChunkReader | undefined;
  const add = () => builder.add(reader!.values, reader!.target, reader!.weight);
  const listener = { onGood: add, onGoodRecord: add, onBad: (fault: RowFault) => faults.add(fault) };
  for await (const chunk of readChunks(hashed(source, hash))) {
    if (reader === undefined) reader = new ChunkReader(chunk, inputs, outcome, others);
    else reader.read(chunk, listener);
    onRows(builder.rows);
  }
  // Throws the error of an empty file.
  reader ??= new ChunkReader(undefined, inputs, outcome);
  if (faults.count > 0 && !dropBadRows) {
    throw new AppError('invalid', `Cannot train on the CSV: it has ${faults.badRows}.\n${faults}`);
  }
  return { examples: builder.finish(), sha256: hash.digest('hex'), faults };
}
