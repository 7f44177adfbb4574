/** @jsxImportSource hono/jsx */
import type { Period } from '../../model/periods.ts';

/** The form's field that says what period a feature's amount is for; a feature's name can't begin so. */
export const periodField = (feature: string) => `_per.${feature}`;

const WORDS: Readonly<Record<Period, string>> = { week: 'a week', month: 'a month', year: 'a year' };

export interface PeriodChoiceProps {
  feature: { name: string; label: string };
  chosen: Period;
  /** The model's own, which stands in all fields at first. */
  usual: Period;
}

/** What the amount beside it is for. The amount itself stays as it was typed. */
export function PeriodChoice({ feature, chosen, usual }: PeriodChoiceProps) {
  return (
    <select
      class={chosen === usual ? 'per' : 'per other'}
      name={periodField(feature.name)}
      aria-label={`${feature.label}: the amount is for`}
      autocomplete="off"
    >
      {Object.entries(WORDS).map(([period, words]) => (
        <option value={period} selected={period === chosen}>
          {words}
        </option>
      ))}
    </select>
  );
}
