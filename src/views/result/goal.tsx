/** @jsxImportSource hono/jsx */
import type { Expense } from '../../model/expenses.ts';
import type { Change } from '../../model/goal.ts';
import type { HouseholdResult } from '../../model/household-result.ts';
import type { Feature } from '../../model/manifest.ts';
import { FORM_ID } from '../form/form.tsx';
import { NumberField } from '../form/number-field.tsx';
import type { Format } from '../format.ts';
import type { ResultProps } from '../household.tsx';
import { figureWriter } from '../input-figure.ts';
import { leftOverOf } from '../status.ts';
import { canFall, someInWords } from '../tips.ts';

/** Cuts that are named one by one. */
const MOST_CUTS = 3;

/** Arithmetic on the household's own figures first; the model is asked only where that does not reach the amount. */
export function Goal({ result, goal, manifest, words, format }: ResultProps) {
  const { currency } = manifest.target;
  const { budget } = words;
  const wanted = format.money(result.goal.goal);
  // Nothing was asked for, and nothing is proposed: to come out even is far enough.
  const even = budget !== undefined && result.goal.goal === 0;
  const title = budget ? `To save ${wanted} a ${budget.period}` : `To reach ${wanted} ${words.unit}`;
  return (
    <section class="card wide goal">
      <h3>{even ? 'To come out even' : title.trim()}</h3>
      <div class="goal-form">
        <label for="goal">
          {currency === undefined ? 'Another figure' : 'Another amount'}{' '}
          <span class="unit">{currency === undefined ? words.unit : `${currency} ${words.unit}`.trim()}</span>
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
          money={currency !== undefined}
          format={format}
        />
        <button class="quiet" type="submit" form={FORM_ID} name="_do" value="look">
          Work it out
        </button>
        <p class={goal.error ? 'field-note error' : 'field-note'} id="goal-note">
          {goal.error ??
            (even
              ? 'Left empty, it is what income and expenses need to meet.'
              : budget
                ? 'Left empty, it is an amount within reach of your figures.'
                : 'Left empty, it is a tenth above the prediction.')}
        </p>
      </div>
      {budget ? (
        <>
          <ByArithmetic {...{ result, wanted, format }} period={budget.period} />
          {result.goal.shortOfGoal >= 0.5 && <ByModel {...{ result, wanted, format }} />}
        </>
      ) : (
        <ByOneNumber {...{ result, wanted, format }} features={manifest.features} />
      )}
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

/** In a model without a budget: what each number would have to be, with all others as they are. */
function ByOneNumber({
  result: { goal, prediction },
  wanted,
  features,
  format,
}: PartProps & { features: readonly Feature[] }) {
  if (goal.standing === 'reached')
    return <p>The prediction is {format.money(prediction.amount)} already, with the figures as they are.</p>;
  if (goal.changes.length === 0)
    return (
      <p>No change of one figure alone, within what the model has seen, leads to a prediction of {wanted}.</p>
    );
  return (
    <>
      <p>
        <strong>For a prediction of {wanted}</strong>, by the model, one of these is enough, with all else as
        it is:
      </p>
      <ul>
        {goal.changes.slice(0, MOST_CUTS).map(({ feature, label, from, to, amount }) => {
          const write = figureWriter(features, feature, format);
          return (
            <li>
              {`${label} at ${write(to)} in place of ${write(from)}: ${format.money(amount)} predicted`}
            </li>
          );
        })}
      </ul>
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
  const everything = `${someInWords(missing / total, format)} off everything`;
  const { named, sum } = canFall(expenses, format);
  if (named === '') return everything;
  if (sum >= missing)
    return `for instance ${someInWords(missing / sum, format)} off ${named}, or ${everything}`;
  return `${everything}; all ${format.money(sum)} of ${named} would not be enough`;
}
