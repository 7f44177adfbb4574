import { type FieldError, type Inputs, isGroupedNumber, NUMBER_TEXT, UNGROUPED } from '../model/features.ts';
import { proposeGoal, seekGoal } from '../model/goal.ts';
import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import { sweepExpenses } from '../model/sensitivity.ts';
import type { Answer, Kept } from '../views/household.tsx';

/** Fields of the form that are no feature; a feature's name can't begin so. */
const FIELD = { intent: '_do', kept: '_kept', goal: '_goal' } as const;

/**
 * What a post is for: `submit` is a person's settled question; `look` is one on its way, such as a slider's, and
 * counts as none; the others put aside, bring back and forget a household to compare with.
 */
export type Intent = 'submit' | 'look' | 'keep' | 'restore' | 'drop';

const INTENTS: readonly Intent[] = ['look', 'keep', 'restore', 'drop'];

/** A post of the form, read: what the page is to show, but for how it is written. */
export interface Household {
  intent: Intent;
  values: Readonly<Record<string, string>>;
  errors: readonly FieldError[];
  answer: Answer | undefined;
  kept: Kept | undefined;
  goal: { text: string; error: string | undefined };
}

/** The household that the form begins with: the model's own proposals. */
export function exampleHousehold(model: Model): Household {
  const inputs = model.inputs.defaults();
  return {
    intent: 'look',
    values: asText(inputs),
    errors: [],
    answer: answerFor(model, inputs, model.predict(inputs), undefined),
    kept: undefined,
    goal: { text: '', error: undefined },
  };
}

export function readHousehold(model: Model, body: string): Household {
  const fields = Object.fromEntries(new URLSearchParams(body));
  const intent = INTENTS.find((name) => name === fields[FIELD.intent]) ?? 'submit';
  const earlier = intent === 'drop' ? undefined : readKept(model, fields[FIELD.kept]);
  const values = intent === 'restore' && earlier ? asText(earlier.inputs) : fields;
  const goal = readGoal(model, fields[FIELD.goal]);
  const parsed = model.inputs.parseText(values);
  if (!parsed.ok) return { intent, values, errors: parsed.errors, answer: undefined, kept: earlier, goal };
  const { inputs } = parsed;
  const prediction = model.predict(inputs);
  return {
    intent,
    values,
    errors: [],
    answer: answerFor(model, inputs, prediction, goal.amount),
    kept: intent === 'keep' ? { encoded: encode(inputs), inputs, prediction } : earlier,
    goal,
  };
}

function answerFor(model: Model, inputs: Inputs, prediction: Prediction, goal: number | undefined): Answer {
  return {
    inputs,
    prediction,
    explanation: model.explain(inputs, prediction),
    sweeps: sweepExpenses(model, inputs, prediction.remainder),
    goal: seekGoal(model, inputs, prediction, goal ?? proposeGoal(prediction)),
  };
}

/** What a hidden field brought back. Another model may have come in between: what it would refuse is forgotten. */
function readKept(model: Model, encoded: string | undefined): Kept | undefined {
  if (encoded === undefined) return undefined;
  const parsed = model.inputs.parseText(Object.fromEntries(new URLSearchParams(encoded)));
  if (!parsed.ok) return undefined;
  const { inputs } = parsed;
  return { encoded: encode(inputs), inputs, prediction: model.predict(inputs) };
}

/** An amount as the other fields take it; more than the largest income that the model takes cannot be saved. */
function readGoal({ income }: Model, given = ''): Household['goal'] & { amount: number | undefined } {
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

function encode(inputs: Inputs): string {
  return new URLSearchParams(asText(inputs)).toString();
}

function asText(inputs: Inputs): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
}
