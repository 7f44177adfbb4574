/** @jsxImportSource hono/jsx */
import { DataTable } from '../figure.tsx';
import { FORM_ID } from '../form/form.tsx';
import type { Answer, HouseholdProps, Kept } from '../household.tsx';

/** The household that was put aside and the one in the form, side by side. */
export function Comparison({
  manifest,
  answer,
  kept,
  format,
}: HouseholdProps & { answer: Answer; kept: Kept }) {
  const changed = manifest.features.filter(({ name }) => kept.inputs[name] !== answer.inputs[name]);
  const inputRows = changed.map(({ name, label, role }) => {
    const before = kept.inputs[name]!;
    const now = answer.inputs[name]!;
    const write = (value: number | string) =>
      typeof value === 'string' ? value : role === 'other' ? format.number(value) : format.money(value);
    const difference =
      typeof before === 'string' || typeof now === 'string'
        ? ''
        : role === 'other'
          ? `${now > before ? '+' : ''}${format.number(now - before)}`
          : format.change(now - before);
    return [label, write(before), write(now), difference];
  });
  const points = (change: number) => {
    const rounded = Math.round(change * 1000) / 10 + 0;
    return `${rounded > 0 ? '+' : ''}${format.number(rounded)} points`;
  };
  const money = (label: string, before: number, now: number) => [
    label,
    format.money(before),
    format.money(now),
    format.change(now - before),
  ];
  const a = kept.prediction;
  const b = answer.prediction;
  return (
    <section id="comparison" class="card comparison" tabindex={-1} aria-labelledby="comparison-title">
      <h2 id="comparison-title">Kept and changed</h2>
      {changed.length === 0 ? (
        <p class="note">These figures are kept. Change any of them, and the two stand side by side here.</p>
      ) : (
        <DataTable
          caption="The kept household and the changed one"
          table={{
            head: ['Figure', 'Kept', 'Changed', 'Difference'],
            rows: [
              ...inputRows,
              money('All expenses', a.totalExpenses, b.totalExpenses),
              money('Left over', a.remainder, b.remainder),
              money('You could save', a.amount, b.amount),
              ['Savings rate', format.percent(a.rate), format.percent(b.rate), points(b.rate - a.rate)],
              ...(manifest.target.period === 'month'
                ? [money('In twelve months', a.amount * 12, b.amount * 12)]
                : []),
            ],
          }}
        />
      )}
      <p class="actions">
        <button class="quiet" type="submit" form={FORM_ID} name="_do" value="restore">
          Back to the kept figures
        </button>
        <button class="quiet" type="submit" form={FORM_ID} name="_do" value="drop">
          Stop comparing
        </button>
      </p>
    </section>
  );
}
