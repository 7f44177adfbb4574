/** @jsxImportSource hono/jsx */
import type { Prediction } from '../model/model.ts';
import type { Format } from './format.ts';
import type { HouseholdProps } from './household.tsx';

/** The answer. Announced by screen readers when it changes. */
export function Result({ manifest, sha256, format, prediction, errors, example }: HouseholdProps) {
  const { period } = manifest.target;
  return (
    <section id="result" class="card result" aria-live="polite" aria-labelledby="result-title">
      <h1 id="result-title">You could save</h1>
      {prediction === undefined ? (
        <p class="refused" role="alert">
          {errors.length === 1 ? 'One field needs' : `${errors.length} fields need`} your attention before
          there can be an answer: {errors.map((error) => error.message).join(' ')}
        </p>
      ) : (
        <Answer prediction={prediction} period={period} format={format} />
      )}
      {example && <p class="note">This is an example household. Put in your own figures.</p>}
      <p class="fine">
        Model {manifest.version} · {sha256.slice(0, 12)}
      </p>
    </section>
  );
}

function Answer({ prediction, period, format }: { prediction: Prediction; period: string; format: Format }) {
  const { amount, rate, income, totalExpenses, remainder, interval } = prediction;
  const often = Math.round(interval.coverage * 10);
  return (
    <>
      <p class="amount">
        <strong>{format.money(amount)}</strong> a {period}
      </p>
      <p>
        {format.percent(rate)} of income. In {often} of 10 households like this, between{' '}
        {format.money(interval.low)} and {format.money(interval.high)}.
      </p>
      {remainder < 0 && (
        <p class="warning">
          Expenses are {format.money(-remainder)} above income: nothing can be saved until they are lower.
        </p>
      )}
      <dl class="figures">
        <div>
          <dt>Income</dt>
          <dd>{format.money(income)}</dd>
        </div>
        <div>
          <dt>Total expenses</dt>
          <dd>
            {format.money(totalExpenses)} <small>{format.percent(totalExpenses / income)} of income</small>
          </dd>
        </div>
        <div>
          <dt>Left over</dt>
          <dd>{format.money(remainder)}</dd>
        </div>
        <div>
          <dt>Savings rate</dt>
          <dd>{format.percent(rate)}</dd>
        </div>
      </dl>
    </>
  );
}
