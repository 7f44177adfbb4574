/** @jsxImportSource hono/jsx */
import type { Expense } from '../../model/expenses.ts';
import type { Change } from '../../model/goal.ts';
import type { HouseholdResult } from '../../model/household-result.ts';
import { FORM_ID } from '../form/form.tsx';
import { NumberField } from '../form/number-field.tsx';
import type { Format } from '../format.ts';
import type { ResultProps } from '../household.tsx';
import { leftOverOf } from '../status.ts';
import { canFall, cutInWords } from '../tips.ts';

/** Cuts that are named one by one. */
const MOST_CUTS = 3;

/** Arithmetic on the household's own figures first; the model is asked only where that does not reach the amount. */
export function Goal({ result, goal, manifest, format }: ResultProps) {
  const { period, currency } = manifest.target;
  const wanted = format.money(result.goal.goal);
  // Nothing was asked for, and nothing is proposed: to come out even is far enough.
  const even = result.goal.goal === 0;
  return (
    <section class="card wide goal">
      <h3>{even ? 'To come out even' : `To save ${wanted} a ${period}`}</h3>
      <div class="goal-form">
        <label for="goal">
          Another amount{' '}
          <span class="unit">
            {currency} a {period}
          </span>
        </label>
        <NumberField
          attributes={{
            id: 'goal',
            name: '_goal',
            form: FORM_ID,
            placeholder: even ? undefined : format.exact(result.goal.goal),
            'aria-describedby': 'goal-note',
            'aria-invalid': goal.error ? 'true' : undefined,
          }}
          text={goal.text}
          amount={goal.amount}
          whole={false}
          money={true}
          format={format}
        />
        <button class="quiet" type="submit" form={FORM_ID} name="_do" value="look">
          Work it out
        </button>
        <p class={goal.error ? 'field-note error' : 'field-note'} id="goal-note">
          {goal.error ??
            (even
              ? 'Left empty, it is what income and expenses need to meet.'
              : 'Left empty, it is an amount within reach of your figures.')}
        </p>
      </div>
      <ByArithmetic result={result} period={period} wanted={wanted} format={format} />
      {result.goal.shortOfGoal >= 0.5 && <ByModel result={result} wanted={wanted} format={format} />}
    </section>
  );
}

interface PartProps {
  result: HouseholdResult;
  wanted: string;
  format: Format;
}

/** The smallest changes that a prediction of the amount takes; nothing where the search found none. */
function ByModel({ result: { goal }, wanted, format }: PartProps) {
  const { income, cuts } = goal;
  if (income === undefined && cuts.length === 0) return null;
  return (
    <>
      <p>
        <strong>For a prediction of {wanted}</strong>, by the model, it takes{' '}
        {income &&
          `an income of ${format.money(income.to)}, ${format.money(income.to - income.from)} more than now, with all spending as it is`}
        {income && cuts.length > 0 && ', or '}
        {cuts.length > 0 ? 'one of these:' : '.'}
      </p>
      {cuts.length > 0 && (
        <ul>
          {cuts.slice(0, MOST_CUTS).map((change) => (
            <li>{changeInWords(change, format)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function changeInWords({ label, from, to, amount }: Change, format: Format): string {
  return `${label} at ${format.money(to)} in place of ${format.money(from)}, ${format.money(from - to)} less: ${format.money(amount)} predicted`;
}

function ByArithmetic({ result, period, wanted, format }: PartProps & { period: string }) {
  const { prediction, expenses } = result;
  const { name, amount } = leftOverOf(prediction);
  const { goal: asked, shortOfGoal } = result.goal;
  const missing = name === 'Short by';
  const now = missing ? `${format.money(amount)} is missing now` : `${format.money(amount)} is left over now`;
  // Counted as it is written: what rounds to nothing is no cut.
  if (shortOfGoal < 0.5) {
    return (
      <p>
        {now}, so <strong>{wanted} needs no cut</strong>: it needs to be put aside before it is spent.
      </p>
    );
  }
  const what = asked === 0 ? 'To come out even' : wanted;
  const less = format.money(shortOfGoal);
  const income = format.money(prediction.income + shortOfGoal);
  if (shortOfGoal > prediction.totalExpenses) {
    return (
      <p>
        {now}. Not even spending nothing would leave {wanted}: it takes an income of {income}, {less} more
        than now.
      </p>
    );
  }
  return (
    <p>
      {now}.{' '}
      <strong>
        {what} takes {less} less spending a {period}
      </strong>
      : {byCuts(shortOfGoal, prediction.totalExpenses, expenses, format)}; or an income of {income} with all
      spending as it is.
    </p>
  );
}

/** Where the spending could fall: the largest that can fall first, and everything together. */
function byCuts(missing: number, total: number, expenses: readonly Expense[], format: Format): string {
  const everything = `${cutInWords(missing / total, format)} off everything`;
  const { named, sum } = canFall(expenses, format);
  if (named === '') return everything;
  if (sum >= missing)
    return `for instance ${cutInWords(missing / sum, format)} off ${named}, or ${everything}`;
  return `${everything}; all ${format.money(sum)} of ${named} would not be enough`;
}
