import { dataFormatOf } from '../../dataset/data-format.ts';
import { gunzipped } from '../../dataset/gzip.ts';
import { type PredictHooks, predictCsv } from '../../dataset/predict-csv.ts';
import { AppError } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import { bytesOf, type DataFile, type Location } from '../../store/location.ts';
import { type CsvSlice, openCsvSlice } from './csv-slice.ts';
import type { PartHooks, Scoring } from './score-shard.ts';
import { cutsIn, type Slice } from './slices.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** How much is read between two looks at whether to go on. */
const PIECE_BYTES = 262_144;

/**
 * The rows of some slices as one CSV, with their predictions.
 * @throws AppError `invalid` when a file's columns are not those of the run
 */
export async function* csvPart(
  scoring: Scoring,
  slices: readonly Slice[],
  hooks: PartHooks,
): AsyncGenerator<Uint8Array, void, void> {
  const { run } = scoring;
  const { header } = run;
  yield new TextEncoder().encode(header);
  for (const slice of slices) {
    const file = run.inputs[slice.input];
    let isHeader = true;
    for await (const csv of scoredSlice(scoring, file, slice, hooks)) {
      if (isHeader && utf8.decode(csv) !== header) throw otherColumns(file, run.inputs[0]);
      if (!isHeader) yield csv;
      isHeader = false;
    }
  }
}

/** The first line of the predictions of a file. @throws AppError `invalid` when its columns do not fit the model */
export async function csvHeader(from: Location, file: DataFile, model: Model): Promise<string> {
  try {
    const bytes = bytesOf(from, file);
    const csv = dataFormatOf(file.path) === 'csv.gz' ? gunzipped(bytes, file.path) : bytes;
    for await (const header of predictCsv(csv, model, { onFault: () => {} })) return utf8.decode(header);
    return '';
  } catch (error) {
    throw inFile(file, undefined, error);
  }
}

const otherColumns = (file: DataFile, first: DataFile) =>
  new AppError(
    'invalid',
    `Cannot score ${file.path} in the same run as ${first.path}: its columns are others, or in another order. Put files ` +
      'with other columns into a location of their own.',
  );

/** What predicting the slice as a CSV of its own gives; nothing for one without records. */
async function* scoredSlice(
  { run, from, model, pool, signal }: Scoring,
  file: DataFile,
  slice: Slice,
  { onScored, rejects }: PartHooks,
): AsyncGenerator<Uint8Array, void, void> {
  let opened: CsvSlice | undefined;
  try {
    // What is compressed has no middle to begin in: it is read by whoever has its beginning.
    if (dataFormatOf(file.path) !== 'csv.gz')
      opened = await openCsvSlice(from, file, slice, () => cutsIn(run.inputs, slice.input, run.shards));
    else if (slice.from === 0)
      opened = { bytes: gunzipped(bytesOf(from, file), file.path), offset: 0, linesBefore: 0 };
    if (opened === undefined) return;
    const { bytes, offset, linesBefore } = opened;
    const scored: PredictHooks = {
      onFault: ({ line, message }) =>
        rejects.add({ file: file.path, offset, line: line - linesBefore, message }),
      onPredicted: ({ rows }) => onScored(rows),
    };
    yield* predictCsv(steadily(bytes), model, scored, { pool });
  } catch (error) {
    throw inFile(file, opened, error);
  }

  async function* steadily(bytes: AsyncIterable<Uint8Array>) {
    for await (const piece of bytes) {
      for (let at = 0; at < piece.length; at += PIECE_BYTES) {
        signal.throwIfAborted();
        await rejects.room();
        yield piece.subarray(at, at + PIECE_BYTES);
      }
    }
  }
}

/** The same error with the name of the file, which whoever reads a CSV does not know. */
function inFile(file: DataFile, slice: CsvSlice | undefined, error: unknown): unknown {
  const reason = error instanceof AppError && /^Cannot (?:read|predict) the CSV: (.*)$/s.exec(error.message);
  if (!reason) return error;
  const where =
    slice === undefined || slice.offset === 0 ? '' : ` (its header, and then from byte ${slice.offset} on)`;
  return new AppError(error.code, `Cannot score ${file.path}${where}: ${reason[1]}`, { cause: error });
}
