/** @jsxImportSource hono/jsx */
import type { HouseholdResult } from '../../model/household-result.ts';
import type { Interval } from '../../model/prediction.ts';
import { Interval as IntervalChart } from '../charts/interval.tsx';
import { fieldId } from '../form/field.tsx';
import type { Format } from '../format.ts';
import type { HouseholdProps } from '../household.tsx';
import { statusOf } from '../status.ts';

/** The result in one look: the amount, how sure it is, how it stands. */
export function Headline({ manifest, format, result, errors, example }: HouseholdProps) {
  const { period } = manifest.target;
  return (
    <section id="headline" class="card headline" tabindex={-1} aria-labelledby="headline-title">
      <h2 id="headline-title">You could save</h2>
      {result === undefined ? (
        <Refused errors={errors} />
      ) : (
        <Amount result={result} period={period} format={format} />
      )}
      {example && <p class="note">An example household. Put in your own figures: the answer follows.</p>}
      <p id="unanswered" class="warning" role="alert" hidden>
        The server did not answer. Your figures are still here: change one, or press the button, to ask again.
      </p>
      <p class="stale warning">A field needs your attention: this is the answer from before.</p>
    </section>
  );
}

function Amount({ result, period, format }: { result: HouseholdResult; period: string; format: Format }) {
  const { amount, rate, interval, remainder } = result.prediction;
  const status = statusOf(result.prediction);
  const words = intervalInWords(interval, format);
  return (
    <>
      <p class="amount">
        <strong>{format.money(amount)}</strong> <span>a {period}</span>
      </p>
      <p class="rate">
        <span class={`chip ${status.name}`}>{status.label}</span> {format.percent(rate)} of income
      </p>
      {remainder < 0 && (
        <p class="warning overspent">
          Expenses are {format.money(-remainder)} above income: nothing can be saved until they are lower.
        </p>
      )}
      {interval.low < interval.high && (
        <IntervalChart
          id="interval"
          title="How sure the answer is"
          description={words}
          low={interval.low}
          amount={amount}
          high={interval.high}
          format={format}
        />
      )}
      <p class="words">{words}</p>
      <p id="announcement" class="visually-hidden" role="status">
        {`You could save ${format.money(amount)} a ${period}, ${format.percent(rate)} of income.`}
      </p>
    </>
  );
}

/** The share of households as a person would say it, where it is a whole number of tenths. */
function intervalInWords({ low, high, coverage }: Interval, format: Format): string {
  const tenths = Math.round(coverage * 1000) / 100;
  const share = Number.isInteger(tenths)
    ? `${tenths} of 10 households`
    : `${format.percent(coverage)} of households`;
  if (format.money(low) === format.money(high)) {
    return `In ${share} like this: ${format.money(low)}.`;
  }
  return `In ${share} like this, between ${format.money(low)} and ${format.money(high)}.`;
}

function Refused({ errors }: Pick<HouseholdProps, 'errors'>) {
  return (
    <div class="refused" role="alert">
      <p>
        {errors.length === 1 ? 'One field needs' : `${errors.length} fields need`} your attention before there
        can be an answer:
      </p>
      <ul>
        {errors.map(({ field, message }) => (
          <li>
            <a href={`#${fieldId(field)}`}>{message}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}
