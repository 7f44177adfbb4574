import { type FieldError, type Inputs, isGroupedNumber, NUMBER_TEXT, UNGROUPED } from '../model/features.ts';
import { type ComparedHousehold, type HouseholdResult, householdResult } from '../model/household-result.ts';
import type { Model } from '../model/model.ts';

/** Fields of the form that are no feature; a feature's name can't begin so. */
const FIELD = { intent: '_do', compared: '_kept', goal: '_goal' } as const;

/**
 * What a post is for: `submit` asks for a prediction that counts; `look` comes while figures are still being changed,
 * as with a slider, and does not count; the others put aside, bring back and forget a household to compare with.
 */
export type Intent = 'submit' | 'look' | 'keep' | 'restore' | 'drop';

const INTENTS: readonly Intent[] = ['look', 'keep', 'restore', 'drop'];

/** What the page shows of one household, but for how it is written. */
export interface HouseholdState {
  intent: Intent;
  values: Readonly<Record<string, string>>;
  errors: readonly FieldError[];
  /** Undefined when an input was refused. */
  result: HouseholdResult | undefined;
  compared: ComparedHousehold | undefined;
  goal: { text: string; error: string | undefined };
}

/** The household that the form begins with: the model's own proposals. */
export function exampleHousehold(model: Model): HouseholdState {
  const inputs = model.inputs.defaults();
  return {
    intent: 'look',
    values: asText(inputs),
    errors: [],
    result: householdResult(model, inputs, undefined),
    compared: undefined,
    goal: { text: '', error: undefined },
  };
}

/** @param body a post of the form, URL-encoded */
export function readHousehold(model: Model, body: string): HouseholdState {
  const fields = Object.fromEntries(new URLSearchParams(body));
  const intent = INTENTS.find((name) => name === fields[FIELD.intent]) ?? 'submit';
  const earlier = intent === 'drop' ? undefined : readCompared(model, fields[FIELD.compared]);
  const values = intent === 'restore' && earlier ? asText(earlier.inputs) : fields;
  const goal = readGoal(model, fields[FIELD.goal]);
  const parsed = model.inputs.parseText(values);
  if (!parsed.ok)
    return { intent, values, errors: parsed.errors, result: undefined, compared: earlier, goal };
  const result = householdResult(model, parsed.inputs, goal.amount);
  return { intent, values, errors: [], result, compared: intent === 'keep' ? result : earlier, goal };
}

/** Reads what a hidden field brought back. Another model may have come in between: what it would refuse is forgotten. */
function readCompared(model: Model, encoded: string | undefined): ComparedHousehold | undefined {
  if (encoded === undefined) return undefined;
  const parsed = model.inputs.parseText(Object.fromEntries(new URLSearchParams(encoded)));
  if (!parsed.ok) return undefined;
  const { inputs } = parsed;
  return { inputs, prediction: model.predict(inputs) };
}

/** Takes an amount as the other fields do; more than the largest income that the model takes cannot be saved. */
function readGoal({ income }: Model, given = ''): HouseholdState['goal'] & { amount: number | undefined } {
  const text = given.trim();
  if (text === '') return { text, error: undefined, amount: undefined };
  const wrong = (wanted: string) => ({
    text,
    error: `The amount to save: please enter ${wanted}.`,
    amount: undefined,
  });
  if (isGroupedNumber(text)) return wrong(`a number ${UNGROUPED}`);
  if (!NUMBER_TEXT.test(text)) return wrong('a number above 0');
  const amount = Number(text);
  if (!(amount > 0)) return wrong('more than 0');
  if (income !== undefined && amount > income.max) return wrong(`at most ${income.max}`);
  return { text, error: undefined, amount };
}

function asText(inputs: Inputs): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
}
