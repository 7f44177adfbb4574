import { type FieldError, type Inputs, isGroupedNumber, NUMBER_TEXT, UNGROUPED } from '../model/features.ts';
import {
  type HouseholdResult,
  householdResult,
  type KeptHousehold,
  type Slot,
} from '../model/household-result.ts';
import type { Model } from '../model/model.ts';
import { SLOTS } from '../views/kept.ts';
import { keepToo, readKept } from './kept.ts';

/** Fields of the form that are no feature; a feature's name can't begin so. Those of kept households are in kept.ts. */
const FIELD = { intent: '_do', goal: '_goal' } as const;

/**
 * What a post is for: `submit` asks for a prediction that counts; `look` comes while figures are still being changed,
 * as with a slider, and does not count; the others put aside, bring back, forget and name households to compare with.
 */
export type Intent = 'submit' | 'look' | 'keep' | 'restore' | 'drop' | 'rename';

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
  values: Readonly<Record<string, string>>;
  errors: readonly FieldError[];
  /** Undefined when an input was refused. */
  result: HouseholdResult | undefined;
  /** In the order of their slots. */
  kept: readonly KeptHousehold[];
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
    kept: [],
    goal: { text: '', error: undefined },
  };
}

/** @param body a post of the form, URL-encoded */
export function readHousehold(model: Model, body: string): HouseholdState {
  const fields = Object.fromEntries(new URLSearchParams(body));
  const { intent, slot } = INTENTS.get(fields[FIELD.intent]) ?? { intent: 'submit' };
  const earlier = readKept(model, fields);
  const meant = earlier.find((household) => household.slot === slot);
  const kept = intent === 'drop' ? earlier.filter((household) => household !== meant) : earlier;
  const values = intent === 'restore' && meant ? asText(meant.inputs) : fields;
  const goal = readGoal(model, fields[FIELD.goal]);
  const parsed = model.inputs.parseText(values);
  if (!parsed.ok) return { intent, values, errors: parsed.errors, result: undefined, kept, goal };
  const result = householdResult(model, parsed.inputs, goal.amount);
  return {
    ...{ intent, values, errors: [], result, goal },
    kept: intent === 'keep' ? keepToo(kept, result, model.version) : kept,
  };
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
  if (amount > income.max) return wrong(`at most ${income.max}`);
  return { text, error: undefined, amount };
}

function asText(inputs: Inputs): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
}
