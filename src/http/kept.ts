import type { HouseholdResult, KeptHousehold } from '../model/household-result.ts';
import { versionName } from '../model/manifest.ts';
import type { Model } from '../model/model.ts';
import { parseInPeriods } from '../model/periods.ts';
import { isPrintable } from '../printable.ts';
import { KEPT_NAME, KEPT_WITH, keptField, NAME_CHARS, nameField, SLOTS } from '../views/kept.ts';
import { chosenPeriods } from './chosen-periods.ts';
import type { Fields } from './replace-figures.ts';

/**
 * Reads what hidden fields brought back: no more households than there are slots, one prediction each. Another model may
 * have come in between, and anybody may write such a field: what this model would refuse is forgotten.
 */
export function readKept(model: Model, fields: Fields): KeptHousehold[] {
  return SLOTS.flatMap((slot) => {
    const encoded = fields[keptField(slot)];
    if (encoded === undefined) return [];
    const {
      [KEPT_NAME]: earlierName,
      [KEPT_WITH]: version,
      ...texts
    } = Object.fromEntries(new URLSearchParams(encoded));
    const parsed = parseInPeriods(model.manifest, model.inputs, chosenPeriods(model, texts), (schema) =>
      schema.parseText(texts),
    );
    if (!parsed.ok) return [];
    const { inputs, given } = parsed;
    return {
      slot,
      // An emptied field gives the slot's own name back.
      name: (readName(fields[nameField(slot)]) ?? readName(earlierName)) || slot,
      inputs,
      given,
      prediction: model.predict(inputs),
      keptWith: versionName.safeParse(version).data,
    };
  });
}

/** What a household is called; undefined for what is no name. */
function readName(given: string | undefined): string | undefined {
  const name = given?.trim();
  if (name === undefined || [...name].length > NAME_CHARS || !isPrintable(name)) return undefined;
  return name;
}

/** Keeps a household beside the others, where there is room and none of them has the same figures. */
export function keepToo(
  kept: readonly KeptHousehold[],
  { inputs, given, prediction }: HouseholdResult,
  version: string,
): KeptHousehold[] {
  const same = kept.some((other) => Object.keys(inputs).every((name) => other.inputs[name] === inputs[name]));
  const slot = SLOTS.find((candidate) => kept.every((other) => other.slot !== candidate));
  if (same || slot === undefined) return [...kept];
  const added = { slot, name: slot, inputs, given, prediction, keptWith: version };
  return [...kept, added].toSorted((a, b) => a.slot.localeCompare(b.slot));
}
