/** @jsxImportSource hono/jsx */
import type { Prediction } from '../../model/prediction.ts';
import type { Words } from '../../model/words.ts';
import { Columns } from '../charts/columns.tsx';
import { Gauge, type GaugeBand } from '../charts/gauge.tsx';
import { Projection } from '../charts/projection.tsx';
import { Figure } from '../figure.tsx';
import type { Format } from '../format.ts';
import type { ResultProps } from '../household.tsx';
import { GOOD_RATE, type LeftOver, LOW_RATE, leftOverOf } from '../status.ts';
import { tipsFor } from '../tips.ts';
import { KeyFigures } from './key-figures.tsx';
import { HelpLine } from './help-line.tsx';
import { Rules, type RulesProps, sourceName } from './rules.tsx';

/** Where the gauge's scale ends; the bands are those of the status. */
const MOST_RATE = 0.4;
const MONTHS = 12;

/** Where the household stands and where that leads. */
export function Overview({ manifest, words, result, help, format }: ResultProps) {
  const { prediction, expenses, inputs } = result;
  const { rules } = manifest;
  const left = leftOverOf(prediction);
  if (words.budget === undefined) return null;
  const { period } = words.budget;
  return (
    <div class="cards">
      <KeyFigures {...{ prediction, left, period, words, format }} />
      <Share {...{ prediction, left, rules, words, format }} />
      <Balance {...{ prediction, words, format }} />
      {period === 'month' && <Year {...{ prediction, left, words, format }} />}
      <section class="card tips">
        <h3>What follows from your figures</h3>
        <dl>
          {tipsFor({ prediction, period, words, left, expenses, format }).map(({ title, text }) => (
            <div>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </div>
          ))}
          {help && left.status.name === 'overspending' && (
            <div>
              <dt>Where to turn</dt>
              <dd>
                <HelpLine {...help} />
              </dd>
            </div>
          )}
        </dl>
      </section>
      <Rules {...{ rules, prediction, inputs, left, format }} />
    </div>
  );
}

interface PartProps {
  prediction: Prediction;
  words: Words;
  format: Format;
}

function Share({
  prediction,
  left,
  rules = [],
  words,
  format,
}: PartProps & Pick<RulesProps, 'left' | 'rules'>) {
  const { status, share } = left;
  const bands: GaugeBand[] = [
    { label: `below ${format.share(LOW_RATE)}`, below: LOW_RATE, tone: 'low' },
    { label: `below ${format.share(GOOD_RATE)}`, below: GOOD_RATE, tone: 'fair' },
    { label: `${format.share(GOOD_RATE)} or more`, below: MOST_RATE, tone: 'good' },
  ];
  // Nothing is expected of whoever is short, and so nothing is marked.
  const toSave =
    status.name === 'overspending'
      ? undefined
      : rules.find(
          ({ of, direction, limit }) => 'leftOver' in of && direction === 'at least' && limit <= MOST_RATE,
        );
  const predicted = status.name === 'overspending' ? undefined : prediction.rate;
  return (
    <Figure
      title="Left over, as a share of income"
      note={
        <>
          <strong class={`chip ${status.name}`}>{status.label}</strong> {status.text}
          {predicted !== undefined &&
            ` The ring marks the predicted ${words.target}, ${format.percent(predicted)}.`}
        </>
      }
      table={{
        head: ['Of', 'Share of income'],
        rows: [
          ['Left over', format.percent(share)],
          [words.predicted, format.percent(prediction.rate)],
        ],
      }}
    >
      <Gauge
        id="gauge"
        title="Left over, as a share of income"
        rate={share}
        predicted={predicted === undefined ? undefined : { name: words.predicted, rate: predicted }}
        bands={bands}
        mark={toSave && { at: toSave.limit, label: `a rule of thumb (${sourceName(toSave, format)})` }}
        caption="of income"
        format={format}
      />
    </Figure>
  );
}

function Balance({ prediction, words, format }: PartProps) {
  const { income, totalExpenses, remainder, amount } = prediction;
  const columns = [
    { label: 'Income', value: income, tone: 'plain' as const },
    { label: 'Expenses', value: totalExpenses, tone: 'spent' as const },
    { label: 'Left over', value: remainder, tone: 'left' as const },
    { label: 'Predicted', value: amount, tone: 'saved' as const },
  ].map((column) => ({ ...column, text: format.compact(column.value) }));
  return (
    <Figure
      title="Side by side"
      note="What is left over is arithmetic on your own figures; what is predicted is the model’s."
      table={{
        head: ['Of', 'Amount'],
        rows: columns.map(({ label, value }) => [label, format.money(value)]),
      }}
    >
      <Columns
        id="balance"
        title={`Income, expenses, left over and predicted ${words.target}`}
        description={columns.map(({ label, text }) => `${label} ${text}`).join(', ')}
        columns={columns}
      />
    </Figure>
  );
}

function Year({
  prediction: { amount, interval, remainder },
  left,
  words,
  format,
}: PartProps & { left: LeftOver }) {
  const title = 'Twelve months of this';
  const total = format.money(left.amount * MONTHS);
  if (Math.round(remainder * MONTHS) === 0 && Math.round(amount) === 0) {
    return (
      <section class="card">
        <h3>{title}</h3>
        <p class="note">What comes in goes out: a year of this leaves nothing over, and nothing owed.</p>
      </section>
    );
  }
  const short = left.status.name === 'overspending';
  const after = (perMonth: number[]) =>
    Array.from({ length: MONTHS }, (_, i) => [
      `${i + 1} mo.`,
      ...perMonth.map((value) => format.money(value * (i + 1))),
    ]);
  return (
    <Figure
      title={title}
      note={
        short ? (
          <>
            <strong>{total}</strong> more owed, or less in reserve, after a year of months like this one,
            before any interest.
          </>
        ) : (
          <>
            <strong>{total}</strong> left over in a year of months like this one;{' '}
            {format.money(amount * MONTHS)} at the predicted {words.target}.
          </>
        )
      }
      table={
        short
          ? { head: ['After', 'Short by'], rows: after([left.amount]) }
          : {
              head: ['After', 'Left over', 'Predicted', 'Low', 'High'],
              rows: after([left.amount, amount, interval.low, interval.high]),
            }
      }
    >
      <Projection
        id="projection"
        title={
          short
            ? 'A shortfall over twelve months'
            : `Left over and predicted ${words.target} over twelve months`
        }
        left={remainder}
        predicted={
          short
            ? undefined
            : { name: `predicted ${words.target}`, amount, low: interval.low, high: interval.high }
        }
        months={MONTHS}
        format={format}
      />
    </Figure>
  );
}
