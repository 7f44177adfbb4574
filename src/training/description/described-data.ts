import { type CsvProfile, profileCsv } from '../../dataset/column-profile.ts';
import type { Examples } from '../../dataset/examples.ts';
import { FaultReport } from '../../dataset/fault-report.ts';
import type { Place } from '../../dataset/joined-csv.ts';
import { columnsOf, outcomeOf } from '../../dataset/outcome.ts';
import { readExamples } from '../../dataset/read-examples.ts';
import { AppError } from '../../errors.ts';
import { counted } from '../../model/counted.ts';
import type { Feature } from '../../model/manifest.ts';
import { acceptedFeatures, type ModelDescription } from '../model-description.ts';
import { type Completed, columnOf, completed } from './complete.ts';
import { faultsOfCompleted, type KeyFault } from './faults.ts';
import type { DescriptionFile } from './read-description.ts';
import { type Description, type FeatureDescription, MOST_CHOICES } from './schema.ts';

/** With fewer rows hardly anything can be learned, and a score means nothing. */
const LEAST_ROWS = 200;
/** Beyond all figures. */
const NO_END = 1e15;

export interface DescribedData {
  /** The description, completed from the data. */
  model: ModelDescription;
  examples: Examples;
  /** sha256 of the CSV's bytes. */
  sha256: string;
}

export interface DescribedDataHooks {
  /** Called with the number of rows that have been read. */
  onRows?: (rows: number) => void;
  /** Leaves bad rows out, and hears of them; without it one of them refuses the file. */
  onBadRows?: ((faults: FaultReport) => void) | undefined;
  /** Of rows of several files: which one a line is from. */
  locate?: ((line: number) => Place) | undefined;
}

/**
 * Reads the rows that a description speaks of, and takes from them what it leaves out.
 *
 * @param csv begins to read; called a second time after what the columns hold is known
 * @throws AppError `invalid` when description and CSV do not fit, by key; when rows are bad, by line; when there are
 * fewer than 200
 */
export async function readDescribed(
  file: DescriptionFile,
  csv: () => AsyncIterable<Uint8Array>,
  { onRows, onBadRows, locate }: DescribedDataHooks = {},
): Promise<DescribedData> {
  const { description } = file;
  const profile = file.isBuiltIn ? undefined : await profileCsv(csv(), onRows, wantedBy(description));
  const complete = profile === undefined ? completed(description) : checkedAgainst(file, profile);
  const { examples, faults, sha256 } = await readExamples(
    csv(),
    readAs(complete, description),
    { ...outcomeOf(complete.model.target), weight: description.weight },
    onRows,
    onBadRows !== undefined,
    complete.others,
    new FaultReport(locate),
  );
  if (profile !== undefined && profile.sha256 !== sha256)
    throw new AppError('conflict', 'Cannot use the CSV: it was changed while it was read; try again.');
  if (faults.count > 0) onBadRows?.(faults);
  checkExamples(file, examples);
  drawIn(examples, complete);
  return { model: complete.model, examples, sha256 };
}

function checkExamples({ description, refusal }: DescriptionFile, { rows, target }: Examples): void {
  if (rows < LEAST_ROWS)
    throw new AppError(
      'invalid',
      `Cannot use the CSV: it has ${counted(rows, 'good row')}, and ${LEAST_ROWS} are the least; train on more.`,
    );
  if (target.every((value) => value === target[0])) {
    const key = description.target.column === undefined ? 'computed' : 'column';
    const message = 'is the same in every row: there is nothing to predict';
    throw refusal([{ path: ['target', key], message }]);
  }
}

/** @throws AppError `invalid` */
function checkedAgainst({ description, refusal }: DescriptionFile, profile: CsvProfile): Completed {
  const faults = [...faultsAgainst(description, profile)];
  if (faults.length > 0) throw refusal(faults);
  const complete = completed(description, profile);
  const found = faultsOfCompleted(complete);
  if (found.length > 0) throw refusal(found);
  return complete;
}

function wantedBy({ features, target, weight }: Description): string[] {
  const { column, computed } = target;
  const outcome = computed === undefined ? [column ?? ''] : columnsOf(computed);
  return [...features.map(columnOf), ...outcome, ...(weight === undefined ? [] : [weight])];
}

/** Where a description names what the data does not have. */
function* faultsAgainst(description: Description, profile: CsvProfile): Generator<KeyFault> {
  const columns = new Map(profile.columns.map((column) => [column.column, column]));
  for (const [i, feature] of description.features.entries()) {
    const path = ['features', i];
    const column = columns.get(columnOf(feature));
    const key = feature.column === undefined ? 'name' : 'column';
    if (column === undefined) yield { path: [...path, key], message: NOT_THERE };
    else if (feature.kind === 'choice') {
      const message = faultOfChoice(feature, column.texts?.size);
      if (message !== undefined) yield { path: [...path, 'kind'], message };
    } else if (column.numbers === 0) yield { path: [...path, 'kind'], message: 'its column holds no number' };
    else if (feature.kind === 'integer' && !column.areWhole)
      yield { path: [...path, 'kind'], message: 'its column holds numbers that are not whole' };
  }
  const { column, computed } = description.target;
  const named: KeyFault['path'][] = [];
  if (column !== undefined && !columns.has(column)) named.push(['target', 'column']);
  if (computed !== undefined) {
    if (!columns.has(computed.of)) named.push(['target', 'computed', 'of']);
    for (const [i, minus] of computed.minus.entries())
      if (!columns.has(minus)) named.push(['target', 'computed', 'minus', i]);
  }
  if (description.weight !== undefined && !columns.has(description.weight)) named.push(['weight']);
  yield* named.map((path) => ({ path, message: NOT_THERE }));
}

const NOT_THERE = 'names no column of the CSV';

/** @param texts how many different ones its column holds; undefined when they are many */
function faultOfChoice({ choices }: FeatureDescription, texts: number | undefined): string | undefined {
  if (texts === 0) return 'its column is blank';
  if (texts === 1) return 'its column holds one text alone, so there is nothing to choose; leave it out';
  if (choices === undefined && (texts === undefined || texts > MOST_CHOICES))
    return `its column holds more than ${MOST_CHOICES} different texts; name the choices, or leave it out`;
  return undefined;
}

/** What rows may hold: of a range that came from the data the ends are open, for the rows that it leaves out. */
function readAs({ model }: Completed, { features }: Description): Feature[] {
  return acceptedFeatures(model).map((feature, i) => {
    if (feature.kind === 'choice') return feature;
    const { min, max } = features[i]!;
    // What something is divided by must not be 0, in no row.
    const isOpenBelow = min === undefined && feature.min <= 0;
    return {
      ...feature,
      min: isOpenBelow ? -NO_END : feature.min,
      max: max === undefined ? NO_END : feature.max,
    };
  });
}

/** Draws the few values beyond a range that came from the data to its ends (winsorizing), so that no row lies outside. */
function drawIn({ inputs }: Examples, { model }: Completed): void {
  const features = acceptedFeatures(model);
  for (let i = 0; i < inputs.length; i++) {
    const { min, max } = features[i % features.length]!;
    inputs[i] = Math.min(max, Math.max(min, inputs[i]!));
  }
}
