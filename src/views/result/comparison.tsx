/** @jsxImportSource hono/jsx */
import type { ComparedHousehold } from '../../model/household-result.ts';
import { DataTable } from '../figure.tsx';
import { FORM_ID } from '../form/form.tsx';
import type { ResultProps } from '../household.tsx';
import { leftOverOf } from '../status.ts';

/** The household that was put aside and the one in the form, side by side. */
export function Comparison({
  manifest,
  result,
  compared,
  format,
}: ResultProps & { compared: ComparedHousehold }) {
  const changed = manifest.features.filter(({ name }) => compared.inputs[name] !== result.inputs[name]);
  const inputRows = changed.map(({ name, label, role }) => {
    const before = compared.inputs[name];
    const now = result.inputs[name];
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
  const before = compared.prediction;
  const now = result.prediction;
  const { share: shareBefore } = leftOverOf(before);
  const { share: shareNow } = leftOverOf(now);
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
              money('All expenses', before.totalExpenses, now.totalExpenses),
              money('Left over', before.remainder, now.remainder),
              money('Predicted savings', before.amount, now.amount),
              [
                'Left over, of income',
                format.percent(shareBefore),
                format.percent(shareNow),
                points(shareNow - shareBefore),
              ],
              ...(manifest.target.period === 'month'
                ? [money('Left over in a year', before.remainder * 12, now.remainder * 12)]
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
