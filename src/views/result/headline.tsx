/** @jsxImportSource hono/jsx */
import type { Interval, Prediction } from '../../model/prediction.ts';
import type { Words } from '../../model/words.ts';
import { Interval as IntervalChart } from '../charts/interval.tsx';
import { fieldId } from '../form/field.tsx';
import type { Format } from '../format.ts';
import type { HouseholdProps } from '../household.tsx';
import { unseenInWords, unseenOf } from '../unseen.ts';
import { leftOverOf } from '../status.ts';
import { someInWords } from '../tips.ts';
import { type Help, HelpLine } from './help-line.tsx';

/** The result in one look: what is left over by the household's own figures, and beside it what the model predicts. */
export function Headline(props: HouseholdProps) {
  const { manifest, words, format, result, errors, example, provenance, help } = props;
  return (
    <section id="headline" class="card headline" tabindex={-1} aria-labelledby="headline-title">
      <h2 id="headline-title" class="visually-hidden">
        {words.budget ? `Left over and predicted ${words.target}` : 'The prediction'}
      </h2>
      {result === undefined ? (
        <Refused errors={errors} />
      ) : (
        <Numbers
          prediction={result.prediction}
          unseen={unseenInWords(unseenOf(manifest, result.prediction, format))}
          words={words}
          format={format}
          help={help}
        />
      )}
      {result && <p class="note provenance">{provenance}</p>}
      {example && (
        <p class="note">
          An example{words.budget && ' household'}. Put in your own figures: the answer follows.
        </p>
      )}
      <p class="stale warning">A field needs your attention: this is not yet the answer to your figures.</p>
    </section>
  );
}

interface PartProps {
  prediction: Prediction;
  /** What lies beyond what the model has seen, in one line; empty where nothing does. */
  unseen: string;
  words: Words;
  format: Format;
}

/** What is left over stands first, where a model knows what it is left over of. */
function Numbers(props: PartProps & { help: Help | undefined }) {
  const { prediction, unseen, words, format } = props;
  if (words.budget) return <TwoNumbers {...props} period={words.budget.period} />;
  return (
    <>
      <div class="one-number">
        <Predicted {...props} nothing={false} />
      </div>
      <p id="announcement" class="visually-hidden" role="status">
        {`${words.predicted} ${format.money(prediction.amount)} ${words.unit}`.trim()}
        {unseen === '' ? '.' : ', beyond what the model has seen.'}
      </p>
    </>
  );
}

/** An amount of more characters than this, such as Rp 123.456.789, is written smaller. */
const LONG_AMOUNT = 9;

function TwoNumbers({
  prediction,
  unseen,
  words,
  period,
  format,
  help,
}: PartProps & { period: string; help: Help | undefined }) {
  const left = leftOverOf(prediction);
  const { amount } = prediction;
  const short = left.status.name === 'overspending';
  const share = left.share === 0 ? format.percent(0) : someInWords(Math.abs(left.share), format);
  const written = format.money(left.amount);
  const size = `${short ? ' short' : ''}${written.length > LONG_AMOUNT ? ' long' : ''}`;
  return (
    <>
      <div class="two-numbers">
        <div class="left-over">
          <h3>{left.name}</h3>
          <p class={`figure-large${size}`}>
            <strong>{written}</strong> <span>a {period}</span>
          </p>
          <p class="rate">
            <span class={`chip ${left.status.name}`}>{left.status.label}</span> {share} of income
          </p>
          {short ? (
            <p class="words overspent">
              Your expenses are {format.money(left.amount)} above income. The overview shows what it would
              take to close the gap.
            </p>
          ) : (
            <p class="words">Your income less your expenses.</p>
          )}
        </div>
        <Predicted {...{ prediction, unseen, words, format }} nothing={nothingLeft(prediction)} />
      </div>
      {short && help && (
        <p class="help-line">
          <HelpLine {...help} />
        </p>
      )}
      <p id="announcement" class="visually-hidden" role="status">
        {`${left.name} ${format.money(left.amount)} a ${period}, ${share} of income. ${words.predicted} ${format.money(amount)}${unseen === '' ? '' : ', beyond what the model has seen'}.`}
      </p>
    </>
  );
}

/** As the page rounds it. A model without a cap may predict savings all the same. */
function nothingLeft({ remainder, amount }: Prediction): boolean {
  return Math.round(remainder) < 0 || Math.round(Math.max(remainder, amount)) === 0;
}

/** @param nothing whether nothing is left over that could be set aside */
function Predicted({ prediction, unseen, words, format, nothing }: PartProps & { nothing: boolean }) {
  const { amount, interval } = prediction;
  const said = nothing
    ? 'Nothing is left over that could be set aside, so the model has nothing to add here; it is no advice.'
    : intervalInWords(interval, unseen !== '', words, format);
  return (
    <div class="predicted">
      <h3>{words.predicted}</h3>
      <p class="amount">
        <strong>{format.money(amount)}</strong> <span>{words.unit}</span>
      </p>
      {!nothing && interval.low < interval.high && (
        <IntervalChart
          id="interval"
          title="How sure the prediction is"
          description={said}
          low={interval.low}
          amount={amount}
          high={interval.high}
          format={format}
        />
      )}
      <p class="words range">{said}</p>
      {unseen !== '' && (
        <p class="warning beyond">
          <strong>Beyond what the model has seen:</strong> {unseen}.
        </p>
      )}
    </div>
  );
}

/**
 * The share of households as a person would say it, where it is a whole number of tenths. Of households beyond those that
 * the model has seen the range promises nothing.
 */
function intervalInWords(
  { low, high, coverage }: Interval,
  beyond: boolean,
  { one, many }: Words,
  format: Format,
): string {
  const tenths = Math.round(coverage * 1000) / 100;
  const share = Number.isInteger(tenths) ? `${tenths} of 10` : `${format.percent(coverage)} of`;
  const hold = `made to hold for ${share} ${many} in its data`;
  const [least, most] = [format.money(low), format.money(high)];
  if (beyond) {
    return least === most
      ? `A guess: the model knows next to no ${one} with such figures.`
      : `A guess, between ${least} and ${most}: the model knows next to no ${one} with such figures, so the range may not hold.`;
  }
  return least === most
    ? `A model expects this. Both ends of its range, ${hold}, come to ${most}.`
    : `A model expects this, between ${least} and ${most}: a range ${hold}.`;
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
