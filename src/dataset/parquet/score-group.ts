import type { DecodedArray } from 'hyparquet';
import { AppError } from '../../errors.ts';
import { fieldValue } from '../../model/features.ts';
import type { Feature } from '../../model/manifest.ts';
import { AMOUNTS, type Model } from '../../model/model.ts';
import { checkNotTaken, PREDICTION_COLUMNS } from '../bytes/chunk-scorer.ts';
import { columnOf, headerFault, type RowFault } from '../row-reader.ts';
import { cellsOf, type Stored } from './cells.ts';
import { type Page, readPages } from './pages.ts';
import { decoding, tooLargeGroup } from './parquet-error.ts';
import type { ParquetColumn, ParquetFile, RowGroup } from './parquet-file.ts';

/** What the inputs of one row group may take in memory: 4 million rows of the sample model's. */
const MAX_INPUT_BYTES = 536_870_912;

/** What the model says of a row group's rows. */
export interface ScoredGroup {
  rows: number;
  /** [rows, 3]: prediction, low and high, in the target's unit; NaN for a row that is bad. */
  amounts: Float64Array;
  /** The bad rows, in their order; numbered as rows of the file. Each is put into words when its turn comes. */
  faults: Iterable<RowFault> & { readonly length: number };
}

/** Scores row groups of one file: a value counts as it would in a CSV that holds it. */
export class GroupScorer {
  readonly #file: ParquetFile;
  readonly #model: Model;
  readonly #inputs: readonly Input[];

  /**
   * @throws AppError `invalid` that names the columns that are missing, there twice, taken, or of a type that the model
   * cannot use
   */
  constructor(file: ParquetFile, model: Model) {
    this.#file = file;
    this.#model = model;
    const names = file.columns.map(({ name }) => name);
    const { features } = model.inputs;
    const fault = headerFault(
      names,
      features.map(({ column }) => column),
    );
    if (fault !== undefined) throw refused(file, `it ${fault}`);
    checkNotTaken(names, PREDICTION_COLUMNS, file.name);
    const inputs = features.map((feature) => inputOf(feature, file.column(feature.column)!));
    const wrong = inputs.filter((input) => typeof input === 'string');
    if (wrong.length > 0) throw refused(file, wrong.join('; '));
    this.#inputs = inputs as Input[];
  }

  /**
   * @param source the file's, or one that holds the row group
   * @throws AppError `too_large` for a row group that does not fit in memory; `corrupt`; whatever the source throws
   */
  async score(group: RowGroup, source = this.#file.source): Promise<ScoredGroup> {
    const { rows, firstRow } = group;
    const features = this.#inputs.length;
    if (rows * features * Float64Array.BYTES_PER_ELEMENT > MAX_INPUT_BYTES)
      throw tooLargeGroup(
        this.#file.name,
        `a row group has ${rows} rows, whose inputs take more than ${MAX_INPUT_BYTES} bytes`,
      );
    const columns: Float64Array[] = [];
    /** By row: what the inputs were that were refused; undefined for one that is missing. */
    const refusals = new Map<number, Record<string, unknown>>();
    for (const input of this.#inputs) {
      const values = new Float64Array(rows);
      const ofDictionary = once((dictionary) => numbersOf(input, dictionary));
      let row = 0;
      for await (const page of readPages(this.#file.name, source, input.column, group)) {
        const at = row;
        decoding(this.#file.name, `column ${input.column.name}`, () => {
          const refuse = (i: number, given: unknown) => {
            const inputs = refusals.get(at + i) ?? {};
            inputs[input.feature.name] = given;
            refusals.set(at + i, inputs);
          };
          fill(input, page, ofDictionary, values.subarray(at, at + page.rows), refuse);
        });
        row += page.rows;
      }
      columns.push(values);
    }
    const amounts = this.#model.predictColumns(columns, rows);
    const bad = Int32Array.from(refusals.keys()).sort();
    for (const row of bad) amounts.fill(Number.NaN, row * AMOUNTS, (row + 1) * AMOUNTS);
    const faultOf = (row: number) => this.#faultOf(firstRow + row, refusals.get(row)!);
    const faults = {
      length: bad.length,
      // All rows of a group may be bad, and their messages would take many times what the rows do.
      *[Symbol.iterator]() {
        for (const row of bad) yield faultOf(row);
      },
    };
    return { rows, amounts, faults };
  }

  #faultOf(line: number, refused: Record<string, unknown>): RowFault {
    const inputs: Record<string, unknown> = { ...this.#model.inputs.defaults(), ...refused };
    for (const [name, value] of Object.entries(refused)) if (value === undefined) delete inputs[name];
    const parsed = this.#model.inputs.parse(inputs, columnOf);
    const errors = parsed.ok ? [] : parsed.errors;
    return { line, numbers: 'row', message: errors.map(({ message }) => message).join(' ') };
  }
}

/** A feature, and how its column's values become its numbers. */
interface Input {
  feature: Feature;
  column: ParquetColumn;
  /** What a CSV's cell would have given: a number or a text, undefined for a blank. */
  given(value: Stored): number | string | undefined;
  /** The feature's number, or the place of its choice; NaN for what the model does not take. */
  number(given: number | string | undefined): number;
}

/** @returns a text that says why the column's type will not do */
function inputOf(feature: Feature, column: ParquetColumn): Input | string {
  const isChoice = feature.kind === 'choice';
  const wanted = isChoice ? 'texts, whole numbers or booleans' : 'numbers';
  if (!column.isFlat) return `column ${column.name} is a list, a map or a struct where ${wanted} are needed`;
  const { kind, type, text, number } = cellsOf(column.element);
  const input = { feature, column, number: isChoice ? placeAmong(feature) : within(feature) };
  const asText = (value: Stored) => fieldValue(feature, text(value));
  if (kind === 'text' || (isChoice && (kind === 'integer' || kind === 'boolean')))
    return { ...input, given: asText };
  // Adding 0 turns -0 into 0, as it does for a text.
  if (!isChoice && (kind === 'integer' || kind === 'number'))
    return { ...input, given: (value) => number(value) + 0 };
  return `column ${column.name} is of type ${type} where ${wanted} are needed`;
}

function placeAmong({ choices = [] }: Feature): Input['number'] {
  const places = new Map<unknown, number>(choices.map((choice, place) => [choice, place]));
  return (given) => places.get(given) ?? Number.NaN;
}

function within({ kind, min, max }: Feature): Input['number'] {
  const isWhole = kind === 'integer';
  return (given) => {
    const isGood = typeof given === 'number' && given >= min && given <= max;
    return isGood && (!isWhole || Number.isSafeInteger(given)) ? given : Number.NaN;
  };
}

function numbersOf({ given, number }: Input, stored: ArrayLike<Stored>): Float64Array {
  const numbers = new Float64Array(stored.length);
  for (let i = 0; i < stored.length; i++) numbers[i] = number(given(stored[i]));
  return numbers;
}

type OfDictionary = (dictionary: DecodedArray) => Float64Array;

/** The pages of a column share a dictionary, which is as long as all of them may be. */
function once(numbersOf: (dictionary: ArrayLike<Stored>) => Float64Array): OfDictionary {
  let last: { dictionary: DecodedArray; numbers: Float64Array } | undefined;
  return (dictionary) => {
    if (last?.dictionary !== dictionary)
      last = { dictionary, numbers: numbersOf(dictionary as ArrayLike<Stored>) };
    return last.numbers;
  };
}

/**
 * A page's values as numbers, one for each row.
 *
 * @param ofDictionary the dictionary's values as numbers
 * @param onRefused called with the row within the page and what was given
 */
function fill(
  { given, number }: Input,
  { present, values, dictionary, rows }: Page,
  ofDictionary: OfDictionary,
  into: Float64Array,
  onRefused: (row: number, given: number | string | undefined) => void,
): void {
  const stored = values as ArrayLike<Stored>;
  const numbers = dictionary && ofDictionary(dictionary);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    if (present !== undefined && present[row] === 0) {
      onRefused(row, undefined);
      continue;
    }
    const value = stored[at++];
    const found = numbers === undefined ? number(given(value)) : numbers[value as number];
    into[row] = found;
    if (Number.isNaN(found))
      onRefused(row, given(dictionary === undefined ? value : dictionary[value as number]));
  }
}

const refused = ({ name }: ParquetFile, why: string) =>
  new AppError('invalid', `Cannot predict ${name}: ${why}.`);
