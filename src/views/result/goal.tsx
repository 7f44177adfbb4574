/** @jsxImportSource hono/jsx */
import type { Change } from '../../model/goal.ts';
import type { HouseholdResult } from '../../model/household-result.ts';
import { FORM_ID } from '../form/form.tsx';
import type { Format } from '../format.ts';
import type { ResultProps } from '../household.tsx';

/** Cuts that are named one by one. */
const MOST_CUTS = 3;

/** "To save 10,000 a month, the smallest single change is ...", with what the model can't promise said as plainly. */
export function Goal({ result, goal, manifest, format }: ResultProps) {
  const { period, currency } = manifest.target;
  const wanted = format.money(result.goal.goal);
  return (
    <section class="card wide goal">
      <h3>
        To save {wanted} a {period}
      </h3>
      <div class="goal-form">
        <label for="goal">
          Another amount{' '}
          <span class="unit">
            {currency} a {period}
          </span>
        </label>
        <input
          id="goal"
          name="_goal"
          form={FORM_ID}
          type="number"
          inputmode="decimal"
          min="1"
          step="any"
          value={goal.text}
          placeholder={String(result.goal.goal)}
          aria-describedby="goal-note"
          aria-invalid={goal.error ? 'true' : undefined}
          autocomplete="off"
        />
        <button class="quiet" type="submit" form={FORM_ID} name="_do" value="look">
          Work it out
        </button>
        <p class={goal.error ? 'field-note error' : 'field-note'} id="goal-note">
          {goal.error ?? 'Left empty, it is a fifth of income, or a quarter more than is predicted.'}
        </p>
      </div>
      <ByModel result={result} wanted={wanted} format={format} />
      <ByArithmetic result={result} wanted={wanted} format={format} />
    </section>
  );
}

interface PartProps {
  result: HouseholdResult;
  wanted: string;
  format: Format;
}

function ByModel({ result: { goal, prediction }, wanted, format }: PartProps) {
  if (goal.standing === 'reached') {
    return (
      <p>
        <strong>Nothing has to change:</strong> {format.money(prediction.amount)} is predicted as it is.
      </p>
    );
  }
  return (
    <>
      {goal.standing === 'within' && (
        <p>
          <strong>Within reach as it is:</strong> {format.money(prediction.amount)} is predicted, but
          households like this end up with as much as {format.money(prediction.interval.high)}.
        </p>
      )}
      <p>
        <strong>The smallest single change</strong> for a prediction of {wanted}: {smallest(goal, format)}
      </p>
      {goal.cuts.length > 0 && (
        <ul>
          {goal.cuts.slice(0, MOST_CUTS).map((change) => (
            <li>{cutInWords(change, format)}</li>
          ))}
        </ul>
      )}
      {goal.cuts.length === 0 && (
        <p class="note">
          {goal.standing === 'within'
            ? 'Cuts of spending move the prediction by less than its own uncertainty here.'
            : 'No cut of a single expense does it: in the data, what households put aside follows income, and spending only limits it.'}
        </p>
      )}
    </>
  );
}

function smallest({ income, cuts }: HouseholdResult['goal'], format: Format): string {
  if (income === undefined) {
    return cuts.length > 0
      ? 'one of these cuts.'
      : 'there is none, even with any income that the model has seen.';
  }
  const raise =
    `an income of ${format.money(income.to)}, ${format.money(income.to - income.from)} more than now, ` +
    'with all spending as it is';
  return cuts.length > 0 ? `${raise}; or one of these cuts.` : `${raise}.`;
}

function cutInWords({ label, from, to, amount }: Change, format: Format): string {
  return `${label} at ${format.money(to)} in place of ${format.money(from)}, ${format.money(from - to)} less: ${format.money(amount)} predicted`;
}

function ByArithmetic({ result: { goal, prediction }, wanted, format }: PartProps) {
  const { remainder, totalExpenses } = prediction;
  const { shortOfGoal } = goal;
  return (
    <p>
      <strong>By arithmetic alone:</strong>{' '}
      {shortOfGoal === 0
        ? `${format.money(remainder)} is left over now, so ${wanted} needs no cut at all: it needs to be put aside before it is spent.`
        : shortOfGoal <= totalExpenses
          ? `${format.money(remainder)} is left over now. ${wanted} takes ${format.money(shortOfGoal)} less spending: ${format.percent(shortOfGoal / totalExpenses)} off everything, for example.`
          : `${format.money(remainder)} is left over now. Not even spending nothing would leave ${wanted}: it takes more income.`}
    </p>
  );
}
