import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import { periodField } from '../views/form/period-choice.tsx';
import type { Format } from '../views/format.ts';

export type Fields = Readonly<Record<string, string>>;

/** What was asked for, and what of it is no part of what stands in the form. */
const ASKED = ['_do', '_before'];

export interface Replacement {
  /** What the form is to hold. */
  fields: Fields;
  /** What it held before, as a form sends it: undefined when there is nothing to bring back. */
  before: string | undefined;
  /** Whether the figures are nobody's own. */
  example: boolean;
}

/**
 * What the buttons do that put other figures in place of all that stands in the form: start over, an example of the
 * model, and back to what stood there before either. Undefined for every other button.
 *
 * @param posted all fields of a post; none of them has to be what the model takes
 */
export function replaceFigures(model: Model, posted: Fields, format: Format): Replacement | undefined {
  const asked = posted._do ?? '';
  if (asked === 'back' && posted._before !== undefined) {
    return { fields: decode(posted._before), before: undefined, example: false };
  }
  const inputs = asked === 'fresh' ? model.inputs.defaults() : exampleOf(model, asked);
  if (inputs === undefined) return undefined;
  const stood = Object.entries(posted).filter(([name]) => !ASKED.includes(name));
  // An example takes the place of figures, and leaves the goal and what is kept to compare with.
  const periods = model.manifest.features.map(({ name }) => periodField(name));
  const stays = stood.filter(([name]) => name.startsWith('_') && !periods.includes(name));
  const fields = { ...(asked === 'fresh' ? {} : Object.fromEntries(stays)), ...asTyped(inputs, format) };
  const isSame = (name: string, value: string) =>
    value === (fields[name] ?? (periods.includes(name) ? model.manifest.target.period : '')) ||
    format.readNumber(value).amount === inputs[name];
  const changed = stood.some(([name, value]) => !isSame(name, value));
  const lost = changed ? new URLSearchParams(stood).toString() : undefined;
  // Whoever looks at one example after another gets back what was their own.
  const before = isUntouched(model, posted, format) ? (posted._before ?? lost) : lost;
  return { fields, before, example: true };
}

/** Whether the form holds what it begins with, or an example, and no figure of a reader. */
function isUntouched(model: Model, posted: Fields, format: Format): boolean {
  const { features, target, examples = [] } = model.manifest;
  return [model.inputs.defaults(), ...examples.map(({ inputs }) => inputs)].some((inputs) =>
    features.every(({ name }) => {
      const value = posted[name] ?? '';
      const isSame = value === inputs[name] || format.readNumber(value).amount === inputs[name];
      return isSame && (posted[periodField(name)] ?? target.period) === target.period;
    }),
  );
}

function exampleOf({ manifest }: Model, asked: string): Inputs | undefined {
  const [, index] = /^example-(\d)$/.exec(asked) ?? [];
  return index === undefined ? undefined : manifest.examples?.[Number(index)]?.inputs;
}

const decode = (encoded: string): Fields => Object.fromEntries(new URLSearchParams(encoded));

/** Inputs as the fields show them. */
export function asTyped(inputs: Inputs, format: Format): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      typeof value === 'number' ? format.typed(value) : value,
    ]),
  );
}
