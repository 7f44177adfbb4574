/** @jsxImportSource hono/jsx */
import type { ComparedHousehold } from '../../model/household-result.ts';
import type { Prediction } from '../../model/prediction.ts';
import { DataTable } from '../figure.tsx';
import { FORM_ID } from '../form/form.tsx';
import type { Format } from '../format.ts';
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
        <>
          <p class="difference">{differenceInWords(before, now, manifest.target.period, format)}</p>
          <DataTable
            caption="The kept household and the changed one"
            table={{
              head: ['Figure', 'Kept', 'Changed', 'Difference'],
              rows: [
                money('Left over', before.remainder, now.remainder),
                [
                  'Left over, of income',
                  format.percent(shareBefore),
                  format.percent(shareNow),
                  points(shareNow - shareBefore),
                ],
                ...(manifest.target.period === 'month'
                  ? [money('Left over in a year', before.remainder * 12, now.remainder * 12)]
                  : []),
                money('Predicted savings', before.amount, now.amount),
                money('All expenses', before.totalExpenses, now.totalExpenses),
                ...inputRows,
              ],
            }}
          />
        </>
      )}
      {compared.keptWith !== undefined && compared.keptWith !== manifest.version && (
        <p class="note kept-with">
          Kept when model {compared.keptWith} answered. The live model is now {manifest.version}, and every
          prediction here is its own; what is left over does not depend on a model.
        </p>
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

/** What the change does to what is left over, and then to the prediction; in amounts as the page rounds them. */
function differenceInWords(before: Prediction, now: Prediction, period: string, format: Format): string {
  const [was, is] = [leftOverOf(before), leftOverOf(now)];
  const change = Math.round(now.remainder - before.remainder);
  const amount = `${format.money(Math.abs(change))} a ${period}`;
  const bothShort = was.name === 'Short by' && is.name === 'Short by';
  const leftOver =
    change === 0
      ? `As much is ${bothShort ? 'missing' : 'left over'} as with the kept figures`
      : bothShort
        ? `${amount} ${change > 0 ? 'less' : 'more'} is missing than with the kept figures`
        : `${amount} ${change > 0 ? 'more' : 'less'} is left over than with the kept figures`;
  const predicted = Math.round(now.amount - before.amount);
  const prediction =
    predicted === 0
      ? 'stays as it is'
      : `${predicted > 0 ? 'rises' : 'falls'} by ${format.money(Math.abs(predicted))}`;
  return `${leftOver}; the prediction ${prediction}.`;
}
