import { z } from 'zod';
import type { Derived, Feature, Manifest } from './manifest.ts';

/** Validated inputs by feature name: a number in the feature's unit, or one of its choices. */
export type Inputs = Readonly<Record<string, number | string>>;

/** Why an input was refused; a bounded set, since it is also a metric's label. */
export type Reason = 'missing' | 'type' | 'integer' | 'below_min' | 'above_max' | 'choice' | 'unknown';

/** What is wrong with one input. `message` says what was expected and never what was given. */
export interface FieldError {
  /** The feature's name, or `other` for a key that is no feature. */
  field: string;
  reason: Reason;
  message: string;
}

export type Parsed = { ok: true; inputs: Inputs } | { ok: false; errors: FieldError[] };

/** A number as people and programs write it. */
export const NUMBER_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Whether a text is meant as a number but grouped, with a decimal comma or with a currency: 10,000 or 1.000,50 or ₹5. */
export function isGroupedNumber(text: string): boolean {
  return !NUMBER_TEXT.test(text) && /\d/.test(text) && /^[-+\d.,'’_\s\p{Sc}]+$/u.test(text);
}

/** How to write what was meant. */
export const UNGROUPED = 'without separators and with a point before decimals, such as 1234.5';

/**
 * The one description of a model's inputs: the form, the API, OpenAPI and V2 all read from it.
 * Nothing is ever filled in: an input that is left out is an error.
 */
export class InputSchema {
  readonly features: readonly Feature[];
  readonly schema: z.ZodType<Inputs>;
  readonly #byName: ReadonlyMap<string, Feature>;
  readonly #accepts: (value: unknown) => value is Inputs;

  constructor(features: readonly Feature[]) {
    this.features = features;
    this.#byName = new Map(features.map((feature) => [feature.name, feature]));
    this.schema = z.strictObject(
      Object.fromEntries(features.map((feature) => [feature.name, valueSchema(feature)])),
    ) as unknown as z.ZodType<Inputs>;
    this.#accepts = acceptor(features);
  }

  /**
   * Checks an unknown value, such as one object of a JSON request.
   *
   * @param nameOf what a message calls a feature
   */
  parse(value: unknown, nameOf = labelOf): Parsed {
    if (this.#accepts(value)) return { ok: true, inputs: value };
    const result = this.schema.safeParse(value);
    if (result.success) return { ok: true, inputs: result.data };
    return { ok: false, errors: this.#errors(result.error.issues, value, nameOf) };
  }

  /** Checks text fields, such as a submitted form or a CSV row. Fields that are no feature are left out. */
  parseText(fields: Readonly<Record<string, unknown>>, nameOf = labelOf): Parsed {
    const values: Record<string, unknown> = {};
    for (const feature of this.features) {
      const field = Object.hasOwn(fields, feature.name) ? fields[feature.name] : undefined;
      if (typeof field !== 'string') continue;
      const text = field.trim();
      if (text === '') continue;
      // What is no number stays a text, which is refused. Adding 0 turns -0 into 0, which would be shown as "-0".
      const isNumber = feature.kind !== 'choice' && NUMBER_TEXT.test(text);
      values[feature.name] = isNumber ? Number(text) + 0 : text;
    }
    return this.parse(values, nameOf);
  }

  /** What the manifest proposes for every feature: where the form starts. */
  defaults(): Inputs {
    return Object.fromEntries(this.features.map((feature) => [feature.name, feature.default]));
  }

  #errors(issues: readonly z.core.$ZodIssue[], value: unknown, nameOf: typeof labelOf): FieldError[] {
    const errors = new Map<string, FieldError>();
    for (const issue of issues) {
      if (issue.code === 'unrecognized_keys') {
        // The key is the client's own text: it is not repeated.
        errors.set('other', {
          field: 'other',
          reason: 'unknown',
          message: `Only these inputs are known: ${[...this.#byName.keys()].join(', ')}.`,
        });
        continue;
      }
      const feature = this.#byName.get(String(issue.path[0]));
      if (feature === undefined) {
        errors.set('other', { field: 'other', reason: 'type', message: 'The inputs must be an object.' });
      } else if (!errors.has(feature.name)) {
        errors.set(feature.name, fieldError(feature, nameOf(feature), issue, value));
      }
    }
    return [...errors.values()];
  }
}

/**
 * Whether the schema takes a plain object, in a tenth of the time: nearly all are good, and to check them cost
 * more than to predict. Whatever this does not know for good goes to the schema, which also says what is wrong.
 */
function acceptor(features: readonly Feature[]): (value: unknown) => value is Inputs {
  // Side by side: a request finds the processor's caches full of others' things, and each pointer to follow is a wait.
  const names = features.map(({ name }) => name);
  const choices = features.map((feature) => feature.choices);
  const whole = features.map(({ kind }) => kind === 'integer');
  const least = Float64Array.from(features, ({ min }) => min);
  const most = Float64Array.from(features, ({ max }) => max);
  return (value): value is Inputs => {
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
      return false;
    let keys = 0;
    for (const _ in value) keys++;
    if (keys !== names.length) return false;
    for (let i = 0; i < names.length; i++) {
      const given = (value as Record<string, unknown>)[names[i]];
      const options = choices[i];
      if (options !== undefined) {
        if (typeof given !== 'string' || !options.includes(given)) return false;
      } else if (typeof given !== 'number' || !(given >= least[i] && given <= most[i])) return false;
      else if (whole[i] && !Number.isSafeInteger(given)) return false;
    }
    return true;
  };
}

function valueSchema(feature: Feature): z.ZodType<number | string> {
  if (feature.kind === 'choice') return z.enum(feature.choices ?? []);
  const number = feature.kind === 'integer' ? z.int() : z.number();
  return number.min(feature.min).max(feature.max).meta({ title: feature.label, description: feature.help });
}

function labelOf({ label }: Feature): string {
  return label;
}

/** The name stands apart from the sentence: a label may be singular, plural or a question. */
function fieldError(
  { name: field, kind, choices = [], min, max }: Feature,
  name: string,
  issue: z.core.$ZodIssue,
  value: unknown,
): FieldError {
  const given = Object(value)[field];
  const error = (reason: Reason, wanted: string): FieldError => ({
    field,
    reason,
    message: `${name}: please enter ${wanted}.`,
  });
  const isMissing = given === undefined || given === null;
  if (kind === 'choice') return error(isMissing ? 'missing' : 'choice', `one of ${choices.join(', ')}`);
  // A number too large to be held is infinite, which the schema takes for none.
  if (issue.code === 'too_small' || given === Number.NEGATIVE_INFINITY) {
    return error('below_min', `at least ${plain(min)}`);
  }
  if (issue.code === 'too_big' || given === Number.POSITIVE_INFINITY) {
    return error('above_max', `at most ${plain(max)}`);
  }
  const number = `a ${kind === 'integer' ? 'whole number' : 'number'} from ${plain(min)} to ${plain(max)}`;
  if (isMissing) return error('missing', number);
  if (typeof given === 'string' && isGroupedNumber(given)) return error('type', `${number}, ${UNGROUPED}`);
  return error(kind === 'integer' && Number.isFinite(given) ? 'integer' : 'type', number);
}

/** A bound as a person writes it, without grouping, since it is also read by programs. */
function plain(bound: number): string {
  return String(bound);
}

/**
 * Turns inputs into the forest's row. Everything that training and serving must do alike to an input is here:
 * one-hot columns, shares and remainders.
 */
export class Encoder {
  /** Columns of the forest: the length of a row. */
  readonly width: number;
  /** Names in the order of `quantities`: the features, then the derived columns. */
  readonly names: readonly string[];
  readonly #features: readonly string[];
  readonly #choices: readonly (readonly string[] | undefined)[];
  readonly #derived: readonly { share: boolean; of: number; by: number; minus: Int32Array }[];
  /** Per forest column: the quantity it reads, and the choice it stands for or -1. */
  readonly #source: Int32Array;
  readonly #choice: Int32Array;

  constructor(manifest: Pick<Manifest, 'features' | 'derived' | 'encoding'>) {
    this.#features = manifest.features.map(({ name }) => name);
    this.#choices = manifest.features.map(({ choices }) => choices);
    this.names = [...manifest.features, ...manifest.derived].map(({ name }) => name);
    const index = new Map(this.names.map((name, i) => [name, i]));
    const at = (name: string) => index.get(name) ?? -1;
    this.#derived = manifest.derived.map((column: Derived) => ({
      share: column.op === 'share',
      of: at(column.of),
      by: column.op === 'share' ? at(column.by) : -1,
      minus: Int32Array.from(column.op === 'remainder' ? column.minus : [], at),
    }));
    this.width = manifest.encoding.length;
    this.#source = Int32Array.from(manifest.encoding, (column) =>
      at('derived' in column ? column.derived : column.feature),
    );
    this.#choice = Int32Array.from(manifest.encoding, (column) =>
      'choice' in column ? (manifest.features[at(column.feature)]?.choices ?? []).indexOf(column.choice) : -1,
    );
  }

  /**
   * All numbers of one row, `[features + derived]`: a feature's value (a choice as its index), then each derived
   * column. A remainder is `of - (a + b + ...)`, the sum taken first, as the page does it.
   */
  quantities(inputs: Inputs, into: Float64Array): Float64Array {
    const features = this.#features;
    for (let i = 0; i < features.length; i++) {
      const value = inputs[features[i]];
      into[i] = typeof value === 'number' ? value : (this.#choices[i] ?? []).indexOf(value);
    }
    return this.derive(into);
  }

  /** Fills in the derived columns of `[features + derived]` from its features. */
  derive(quantities: Float64Array): Float64Array {
    const first = this.#features.length;
    for (let i = 0; i < this.#derived.length; i++) {
      const column = this.#derived[i];
      if (column.share) {
        quantities[first + i] = quantities[column.of] / quantities[column.by];
      } else {
        const { of, minus } = column;
        let sum = 0;
        for (let j = 0; j < minus.length; j++) sum += quantities[minus[j]];
        quantities[first + i] = quantities[of] - sum;
      }
    }
    return quantities;
  }

  /** Writes the forest's row, `[width]` numbers from `offset` on. */
  encode(quantities: Float64Array, row: Float64Array, offset: number): void {
    for (let i = 0; i < this.width; i++) {
      const value = quantities[this.#source[i]];
      const choice = this.#choice[i];
      row[offset + i] = choice < 0 ? value : value === choice ? 1 : 0;
    }
  }

  /** Where a feature or derived column stands in `quantities`. */
  indexOf(name: string): number {
    return this.names.indexOf(name);
  }
}
