import { AppError } from '../errors.ts';
import { counted } from '../model/counted.ts';
import {
  type FieldError,
  type InputSchema,
  type Inputs,
  isGroupedNumber,
  NUMBER_TEXT,
  UNGROUPED,
} from '../model/features.ts';
import type { Feature } from '../model/manifest.ts';
import type { CsvRecord } from './csv.ts';
import { otherFormat } from './other-format.ts';
import { columnsOf, type Outcome } from './outcome.ts';

/** What is wrong with one row. */
export interface RowFault {
  /** The line it begins on; the file's first is 1. */
  line: number;
  /** What `line` counts: lines, or rows where a file has no lines; its first row is 1. */
  numbers?: 'line' | 'row';
  /** Says which columns are wrong and what was expected, and never what was found. */
  message: string;
  /** The inputs that were refused; none when the row's form is wrong. */
  errors?: readonly FieldError[];
}

export const describeFault = ({ line, numbers = 'line', message }: RowFault) =>
  `${numbers} ${line}: ${message}`;

export type RowRead = GoodRow | { ok: false; fault: RowFault };

export interface GoodRow {
  ok: true;
  inputs: Inputs;
  /** 0 where none was asked for. */
  target: number;
  /** 1 where none was asked for. */
  weight: number;
}

/** Turns records into inputs, by the names in the header: columns may stand in any order, and others are ignored. */
export class RowReader {
  readonly header: readonly string[];
  readonly #inputs: InputSchema;
  readonly #at: readonly (readonly [name: string, index: number])[];
  readonly #target: readonly Place[];
  readonly #weight: Place | undefined;
  readonly #others: readonly { name: string; choices: ReadonlySet<string>; as: string }[];

  /**
   * @param header the first record; undefined when the file has none
   * @param outcome where the target is, for training
   * @param others by feature: the choice as which texts that are no choice count
   * @throws AppError `invalid` that names every column that is missing or there twice, or says what the file is instead
   */
  constructor(
    header: CsvRecord | undefined,
    inputs: InputSchema,
    outcome?: Outcome,
    others: ReadonlyMap<string, string> = new Map(),
  ) {
    if (header === undefined) throw new AppError('invalid', 'Cannot read the CSV: it is empty.');
    const names = header.fields.map((field) => field.trim());
    const wanted = inputs.features.map(({ column }) => column);
    // A column that is an input too is wanted once.
    const outside =
      outcome === undefined ? [] : [...columnsOf(outcome), ...(outcome.weight ? [outcome.weight] : [])];
    wanted.push(...new Set(outside).difference(new Set(wanted)));
    const fault = header.fault ?? headerFault(names, wanted);
    if (fault !== undefined) {
      const other = header.opening && otherFormat(header.opening, wanted);
      throw new AppError('invalid', `Cannot read the CSV: ${other ?? `its header ${fault}`}.`);
    }

    this.header = header.fields;
    this.#inputs = inputs;
    this.#at = inputs.features.map(({ name, column }) => [name, names.indexOf(column)]);
    const placeOf = (column: string) => ({ column, index: names.indexOf(column) });
    this.#target = outcome === undefined ? [] : columnsOf(outcome).map(placeOf);
    this.#others = inputs.features.flatMap(({ name, choices }) => {
      const as = others.get(name);
      return as === undefined ? [] : [{ name, choices: new Set(choices), as }];
    });
    this.#weight = outcome?.weight === undefined ? undefined : placeOf(outcome.weight);
  }

  read({ line, fields, fault }: CsvRecord): RowRead {
    const bad = (message: string, errors?: readonly FieldError[]): RowRead => ({
      ok: false,
      fault: { line, message, ...(errors && { errors }) },
    });
    if (fault !== undefined) return bad(fault);
    if (fields.length !== this.header.length) {
      return bad(`has ${counted(fields.length, 'field')} where the header has ${this.header.length}`);
    }
    const texts: Record<string, string> = {};
    for (const [name, index] of this.#at) texts[name] = fields[index];
    for (const { name, choices, as } of this.#others) {
      const text = texts[name].trim();
      if (text !== '' && !choices.has(text)) texts[name] = as;
    }
    const parsed = this.#inputs.parseText(texts, columnOf);
    const faults = parsed.ok ? [] : parsed.errors.map(({ message }) => message);
    const target = this.#target.length === 0 ? 0 : this.#targetOf(fields, faults);
    const weight = this.#weight === undefined ? 1 : numberOf(fields[this.#weight.index]);
    if (!(weight >= 0)) faults.push(`column ${this.#weight?.column}: please enter a number from 0 on.`);
    if (parsed.ok && faults.length === 0) return { ok: true, inputs: parsed.inputs, target, weight };
    return bad(faults.join(' '), parsed.ok ? undefined : parsed.errors);
  }

  /** @param faults gets one for each column that holds no number */
  #targetOf(fields: readonly string[], faults: string[]): number {
    const [of = 0, ...minus] = this.#target.map(({ column, index }) => {
      const value = numberOf(fields[index]);
      const fault = `column ${column}: please enter a number`;
      // A column that is an input too has been found wanting already.
      if (Number.isNaN(value) && !faults.some((other) => other.startsWith(fault)))
        faults.push(isGroupedNumber(fields[index]) ? `${fault}, ${UNGROUPED}.` : `${fault}.`);
      return value;
    });
    return minus.reduce((rest, value) => rest - value, of);
  }
}

/** A column outside of the inputs. */
interface Place {
  column: string;
  index: number;
}

function numberOf(field: string): number {
  const text = field.trim();
  const value = NUMBER_TEXT.test(text) ? Number(text) + 0 : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** The name by which a reader of the file finds a feature. */
export function columnOf({ column }: Feature): string {
  return `column ${column}`;
}

/** What is wrong with the names of columns, such as `has no column x`; undefined for nothing. */
export function headerFault(names: readonly string[], wanted: readonly string[]): string | undefined {
  const missing = wanted.filter((column) => !names.includes(column));
  const twice = wanted.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  const faults: string[] = [];
  if (missing.length > 0) faults.push(`has no column ${missing.join(', ')}`);
  if (twice.length > 0) faults.push(`has more than one column ${twice.join(', ')}`);
  return faults.length > 0 ? faults.join(', and ') : undefined;
}
