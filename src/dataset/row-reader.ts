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

/** What is wrong with one row. */
export interface RowFault {
  /** The line it begins on; the file's first is 1. */
  line: number;
  /** Says which columns are wrong and what was expected, and never what was found. */
  message: string;
  /** The inputs that were refused; none when the row's form is wrong. */
  errors?: readonly FieldError[];
}

export const describeFault = ({ line, message }: RowFault) => `line ${line}: ${message}`;

export type RowRead = { ok: true; inputs: Inputs; target: number } | { ok: false; fault: RowFault };

/** Turns records into inputs, by the names in the header: columns may stand in any order, and others are ignored. */
export class RowReader {
  readonly header: readonly string[];
  readonly #inputs: InputSchema;
  readonly #at: readonly (readonly [name: string, index: number])[];
  readonly #target: { column: string; index: number } | undefined;

  /**
   * @param header the first record; undefined when the file has none
   * @param targetColumn the target's column, for training
   * @throws AppError `invalid` that names every column that is missing or there twice, or says what the file is instead
   */
  constructor(header: CsvRecord | undefined, inputs: InputSchema, targetColumn?: string) {
    if (header === undefined) throw new AppError('invalid', 'Cannot read the CSV: it is empty.');
    const names = header.fields.map((field) => field.trim());
    const wanted = inputs.features.map(({ column }) => column);
    if (targetColumn !== undefined) wanted.push(targetColumn);
    const fault = header.fault ?? headerFault(names, wanted);
    if (fault !== undefined) {
      const other = header.opening && otherFormat(header.opening, wanted);
      throw new AppError('invalid', `Cannot read the CSV: ${other ?? `its header ${fault}`}.`);
    }

    this.header = header.fields;
    this.#inputs = inputs;
    this.#at = inputs.features.map(({ name, column }) => [name, names.indexOf(column)]);
    if (targetColumn !== undefined) {
      this.#target = { column: targetColumn, index: names.indexOf(targetColumn) };
    }
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
    const parsed = this.#inputs.parseText(texts, columnOf);
    const faults = parsed.ok ? [] : parsed.errors.map(({ message }) => message);
    const target = this.#targetOf(fields);
    if (typeof target === 'string') faults.push(target);
    if (parsed.ok && typeof target === 'number') return { ok: true, inputs: parsed.inputs, target };
    return bad(faults.join(' '), parsed.ok ? undefined : parsed.errors);
  }

  /** The target, or what is wrong with it in the words of an input's fault. */
  #targetOf(fields: readonly string[]): number | string {
    if (this.#target === undefined) return 0;
    const text = fields[this.#target.index].trim();
    const target = NUMBER_TEXT.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(target)) return target;
    const wanted = isGroupedNumber(text) ? `a number, ${UNGROUPED}` : 'a number';
    return `column ${this.#target.column}: please enter ${wanted}.`;
  }
}

/** The name by which a reader of the file finds a feature. */
function columnOf({ column }: Feature): string {
  return `column ${column}`;
}

function headerFault(names: readonly string[], wanted: readonly string[]): string | undefined {
  const missing = wanted.filter((column) => !names.includes(column));
  const twice = wanted.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  const faults: string[] = [];
  if (missing.length > 0) faults.push(`has no column ${missing.join(', ')}`);
  if (twice.length > 0) faults.push(`has more than one column ${twice.join(', ')}`);
  return faults.length > 0 ? faults.join(', and ') : undefined;
}
