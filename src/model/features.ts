import { z } from 'zod';
import type { Feature } from './manifest.ts';

/** Validated inputs by feature name: a number in the feature's unit, or one of its choices. */
export type Inputs = Readonly<Record<string, number | string>>;

/** Why an input was refused; a bounded set, since it is also a metric's label. */
export type Reason = 'missing' | 'type' | 'integer' | 'below_min' | 'above_max' | 'choice' | 'unknown';

/** What is wrong with one input. `message` says what was expected, never what was given. */
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
   * @param write how it writes a feature's bounds
   */
  parse(value: unknown, nameOf = labelOf, write = plain): Parsed {
    if (this.#accepts(value)) return { ok: true, inputs: value };
    const result = this.schema.safeParse(value);
    if (result.success) return { ok: true, inputs: result.data };
    return { ok: false, errors: this.#errors(result.error.issues, value, nameOf, write) };
  }

  /** Checks text fields, such as a submitted form or a CSV row. Fields that are no feature are left out. */
  parseText(fields: Readonly<Record<string, unknown>>, nameOf = labelOf): Parsed {
    const values: Record<string, unknown> = {};
    for (const feature of this.features) {
      const field = Object.hasOwn(fields, feature.name) ? fields[feature.name] : undefined;
      if (typeof field !== 'string') continue;
      const value = fieldValue(feature, field);
      if (value !== undefined) values[feature.name] = value;
    }
    return this.parse(values, nameOf);
  }

  /** What the manifest proposes for every feature: where the form starts. */
  defaults(): Inputs {
    return Object.fromEntries(this.features.map((feature) => [feature.name, feature.default]));
  }

  #errors(
    issues: readonly z.core.$ZodIssue[],
    value: unknown,
    nameOf: typeof labelOf,
    write: typeof plain,
  ): FieldError[] {
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
        errors.set(feature.name, fieldError(feature, nameOf(feature), write, issue, value));
      }
    }
    return [...errors.values()];
  }
}

/** What a text field gives to a feature; undefined when it is blank. */
export function fieldValue({ kind }: Feature, field: string): number | string | undefined {
  const text = field.trim();
  if (text === '') return undefined;
  // What is no number stays a text, which is refused. Adding 0 turns -0 into 0, which would be shown as "-0".
  return kind !== 'choice' && NUMBER_TEXT.test(text) ? Number(text) + 0 : text;
}

/**
 * Recognises a plain object that the schema takes, in a tenth of the schema's time: nearly all inputs are good, and the
 * schema costs more than a prediction. Whatever is not recognised goes to the schema, which also says what is wrong.
 */
function acceptor(features: readonly Feature[]): (value: unknown) => value is Inputs {
  // These lie side by side: a request finds other data in the processor's caches, and each pointer to follow is a wait.
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
  write: typeof plain,
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
  // A number too large for a float64 is infinite, which the schema takes for no number.
  if (issue.code === 'too_small' || given === Number.NEGATIVE_INFINITY) {
    return error('below_min', `at least ${write(min)}`);
  }
  if (issue.code === 'too_big' || given === Number.POSITIVE_INFINITY) {
    return error('above_max', `at most ${write(max)}`);
  }
  const number = `a ${kind === 'integer' ? 'whole number' : 'number'} from ${write(min)} to ${write(max)}`;
  if (isMissing) return error('missing', number);
  if (typeof given === 'string' && isGroupedNumber(given)) return error('type', `${number}, ${UNGROUPED}`);
  return error(kind === 'integer' && Number.isFinite(given) ? 'integer' : 'type', number);
}

/** A bound without grouping, since programs read it too. */
function plain(bound: number): string {
  return String(bound);
}
