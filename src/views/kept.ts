import type { KeptHousehold, Slot } from '../model/household-result.ts';
import { periodField } from './form/period-choice.tsx';

/** As many households as can be kept, by the names that they have until a person gives them others. */
export const SLOTS: readonly Slot[] = ['A', 'B', 'C'];

/** The most characters of a name that a person gives. */
export const NAME_CHARS = 40;

/** The form's fields of one kept household: a hidden one that holds it, and what stands in the field of its name. */
export const keptField = (slot: Slot) => `_kept${slot}`;
export const nameField = (slot: Slot) => `_name${slot}`;

/** Beside the inputs in a kept household: its name, and the version that was live when it was kept. */
export const KEPT_NAME = '_name';
export const KEPT_WITH = '_model';

/** Writes a kept household as a form sends one: so it travels along with the next request, and is kept nowhere else. */
export function encodeKept({ given: { amounts, periods }, name, keptWith }: KeptHousehold): string {
  const fields = Object.entries(amounts).map(([feature, value]) => [feature, String(value)]);
  fields.push(...Object.entries(periods).map(([feature, period]) => [periodField(feature), period]));
  fields.push([KEPT_NAME, name]);
  if (keptWith !== undefined) fields.push([KEPT_WITH, keptWith]);
  return new URLSearchParams(fields).toString();
}
