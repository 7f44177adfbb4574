/** @jsxImportSource hono/jsx */
import { DataTable } from '../figure.tsx';
import { currencyName } from '../format.ts';
import type { ResultProps } from '../household.tsx';

/** What a sheet of paper has to say for itself, and the form as a table. Shown in print alone. */
export function Printed({ manifest, words, result, goal, date, format }: ResultProps) {
  const { currency, period, unit: targetUnit } = manifest.target;
  const isReached = goal.text && !goal.error;
  const facts = [
    ['Date', format.date(date)],
    currency === undefined
      ? ['Predicted in', targetUnit]
      : ['Currency', currencyName(currency) + (period === undefined ? '' : `, amounts a ${period}`)],
    ...(isReached ? [['Goal', `${format.money(result.goal.goal)} ${words.unit}`.trim()]] : []),
  ];
  return (
    <section class="card printed" aria-label="What was asked">
      <dl>
        {facts.map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <DataTable
        caption="The figures that were put in"
        table={{
          head: ['Put in', ''],
          rows: manifest.features.map(({ name, label, role, unit }) => {
            const value = result.inputs[name];
            if (typeof value === 'string') return [label, value];
            return [
              label,
              role === 'other' ? `${format.number(value)} ${unit ?? ''}`.trim() : format.money(value),
            ];
          }),
        }}
      />
    </section>
  );
}
