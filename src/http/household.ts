import type { FieldError } from '../model/features.ts';
import {
  type HouseholdResult,
  householdResult,
  type KeptHousehold,
  type Slot,
} from '../model/household-result.ts';
import type { Feature } from '../model/manifest.ts';
import type { Model } from '../model/model.ts';
import { featuresIn, parseInPeriods, type Periods } from '../model/periods.ts';
import { type Reading, rewriteInWords } from '../views/amount.ts';
import { periodField } from '../views/form/period-choice.tsx';
import type { Format } from '../views/format.ts';
import { SLOTS } from '../views/kept.ts';
import { chosenPeriods } from './chosen-periods.ts';
import { keepToo, readKept } from './kept.ts';
import { asTyped, type Fields, replaceFigures } from './replace-figures.ts';

/** Fields of the form that are no feature; a feature's name can't begin so. Those of kept households are in kept.ts. */
const FIELD = { intent: '_do', inView: '_open', goal: '_goal' } as const;

/**
 * What a post is for: `submit` asks for a prediction that counts; `look` comes while figures are still being changed,
 * as with a slider, and does not count; `keep`, `restore`, `drop` and `rename` put aside, bring back, forget and name
 * households to compare with; `replace` puts other figures in place of all.
 */
export type Intent = 'submit' | 'look' | 'keep' | 'restore' | 'drop' | 'rename' | 'replace';

/** What a post says it is for, and which of the kept households it means. */
const INTENTS = new Map<string, { intent: Intent; slot?: Slot }>([
  ['look', { intent: 'look' }],
  ['keep', { intent: 'keep' }],
  ['rename', { intent: 'rename' }],
]);
for (const slot of SLOTS) {
  INTENTS.set(`restore-${slot}`, { intent: 'restore', slot });
  INTENTS.set(`drop-${slot}`, { intent: 'drop', slot });
}

/** What the page shows of one household, but for how it is written. */
export interface HouseholdState {
  intent: Intent;
  /** The panel that is open while a slider moves; undefined when all of them are asked for. */
  inView: string | undefined;
  values: Readonly<Record<string, string>>;
  /** The features in the periods that were chosen beside their values: bounds and all. */
  features: readonly Feature[];
  periods: Periods;
  /** What the values of all features that are numbers say, by the reader's way of writing. */
  readings: Readonly<Record<string, Reading>>;
  /** For the page alone: where a value reads two ways, its message holds both. */
  errors: readonly FieldError[];
  /** Undefined when an input was refused. */
  result: HouseholdResult | undefined;
  /** In the order of their slots. */
  kept: readonly KeptHousehold[];
  goal: { text: string; amount: number | undefined; error: string | undefined };
  /** Whether the figures are the model's own proposals or one of its examples. */
  example: boolean;
  /** What stood in the form before it was started over, as the form sends it. */
  before: string | undefined;
}

/** The household that the form begins with: the model's own proposals. */
export function exampleHousehold(model: Model, format: Format): HouseholdState {
  const inputs = model.inputs.defaults();
  const values = asTyped(inputs, format);
  return {
    intent: 'look',
    inView: undefined,
    values,
    features: model.manifest.features,
    periods: {},
    readings: readingsOf(model, values, format),
    errors: [],
    result: householdResult(model, inputs, undefined),
    kept: [],
    goal: { text: '', amount: undefined, error: undefined },
    example: true,
    before: undefined,
  };
}

/**
 * @param body a post of the form, URL-encoded
 * @param format how the reader writes numbers: the form shows and takes them so
 */
export function readHousehold(model: Model, body: string, format: Format): HouseholdState {
  const posted: Fields = Object.fromEntries(new URLSearchParams(body));
  const replaced = replaceFigures(model, posted, format);
  const asked = INTENTS.get(posted[FIELD.intent]) ?? { intent: 'submit' };
  const { intent, slot }: { intent: Intent; slot?: Slot } = replaced ? { intent: 'replace' } : asked;
  const {
    fields,
    before,
    example,
    // Whoever settles on other figures has gone on.
  } = replaced ?? { fields: posted, before: intent === 'look' ? posted._before : undefined, example: false };
  const earlier = readKept(model, fields);
  const meant = earlier.find((household) => household.slot === slot);
  const kept = intent === 'drop' ? earlier.filter((household) => household !== meant) : earlier;
  const values = intent === 'restore' && meant ? asGiven(meant, format) : fields;
  const readings = readingsOf(model, values, format);
  const goal = readGoal(model, fields[FIELD.goal], format);
  const periods = chosenPeriods(model, values);
  const parsed = parseInPeriods(model.manifest, model.inputs, periods, (schema, nameOf) =>
    schema.parse(inputsOf(model, values, readings), nameOf, format.exact),
  );
  const features = featuresIn(model.manifest, periods);
  const inView = intent === 'look' ? posted[FIELD.inView] : undefined;
  const state = { intent, inView, values, features, periods, readings, goal, example, before };
  if (!parsed.ok) {
    const errors = parsed.errors.map((error) => inReadersWords(model, error, readings[error.field], format));
    return { ...state, errors, result: undefined, kept };
  }
  const result = householdResult(model, parsed.inputs, goal.amount, parsed.given);
  const withThis = intent === 'keep' ? keepToo(kept, result, model.version) : kept;
  return { ...state, errors: [], result, kept: withThis };
}

/** A kept household as the fields show it: amounts and periods as they were given. */
function asGiven({ given: { amounts, periods } }: KeptHousehold, format: Format): Fields {
  const chosen = Object.entries(periods).map(([name, period]) => [periodField(name), period]);
  return { ...asTyped(amounts, format), ...Object.fromEntries(chosen) };
}

type Values = HouseholdState['values'];

const isMoney = ({ role }: Feature) => role !== 'other';

function readingsOf(model: Model, values: Values, format: Format): HouseholdState['readings'] {
  const readings: Record<string, Reading> = {};
  for (const feature of model.manifest.features) {
    const text = textOf(values, feature);
    if (feature.kind === 'choice' || text === '') continue;
    readings[feature.name] = isMoney(feature) ? format.readMoney(text) : format.readNumber(text);
  }
  return readings;
}

/** For the model to check: a text that is no number stays one, and is refused; a blank one is left out. */
function inputsOf(model: Model, values: Values, readings: HouseholdState['readings']): unknown {
  const given = model.manifest.features.map((feature) => {
    const text = textOf(values, feature);
    return [feature.name, readings[feature.name]?.amount ?? text] as const;
  });
  return Object.fromEntries(given.filter(([, value]) => value !== ''));
}

function textOf(values: Values, { name }: Feature): string {
  return Object.hasOwn(values, name) ? values[name].trim() : '';
}

/** A number that cannot be read is refused by the model as no number at all; the reader can be told more. */
function inReadersWords(
  model: Model,
  error: FieldError,
  reading: Reading | undefined,
  format: Format,
): FieldError {
  if (reading === undefined || reading.amount !== undefined) return error;
  const label = model.manifest.features.find(({ name }) => name === error.field)?.label;
  return { ...error, message: `${label}: ${rewriteInWords(reading, format.exact)}` };
}

/**
 * Takes an amount as the other fields do. Of a budget nobody saves less than nothing, or more than the largest income that
 * the model takes; what else may be reached only the search can tell.
 */
function readGoal({ manifest, income, words }: Model, given = '', format: Format): HouseholdState['goal'] {
  const text = given.trim();
  if (text === '') return { text, error: undefined, amount: undefined };
  const figure = manifest.target.currency === undefined ? 'figure' : 'amount';
  const of = words.budget ? 'The amount to save' : `The ${figure} to reach`;
  const wrong = (what: string) => ({
    text,
    error: `${of}: ${what}`,
    amount: undefined,
  });
  const reading = format.readMoney(text);
  const { amount } = reading;
  if (amount === undefined) return wrong(rewriteInWords(reading, format.exact));
  if (words.budget === undefined) return { text, error: undefined, amount };
  if (!(amount > 0)) return wrong('please enter more than 0.');
  if (income !== undefined && amount > income.max)
    return wrong(`please enter at most ${format.exact(income.max)}.`);
  return { text, error: undefined, amount };
}
