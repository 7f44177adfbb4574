/** @jsxImportSource hono/jsx */
import type { Prediction } from '../../model/prediction.ts';
import { Columns } from '../charts/columns.tsx';
import { Gauge, type GaugeBand } from '../charts/gauge.tsx';
import { Projection } from '../charts/projection.tsx';
import { Figure } from '../figure.tsx';
import type { Format } from '../format.ts';
import type { ResultProps } from '../household.tsx';
import { GOOD_RATE, LOW_RATE, type Status, statusOf } from '../status.ts';
import { tipsFor } from '../tips.ts';
import { KeyFigures } from './key-figures.tsx';
import { largestExpenses } from './largest-expenses.ts';

const BANDS: readonly GaugeBand[] = [
  { label: 'low', below: LOW_RATE, tone: 'low' },
  { label: 'fair', below: GOOD_RATE, tone: 'fair' },
  { label: 'healthy', below: 0.3, tone: 'good' },
];
const MONTHS = 12;

/** Where the household stands and where that leads. */
export function Overview({ manifest, result, format }: ResultProps) {
  const { prediction, inputs } = result;
  const { period } = manifest.target;
  const status = statusOf(prediction);
  const [largest] = largestExpenses(manifest, inputs);
  return (
    <div class="cards">
      <KeyFigures prediction={prediction} period={period} format={format} />
      <Rate prediction={prediction} status={status} format={format} />
      <Balance prediction={prediction} format={format} />
      {period === 'month' && <Year prediction={prediction} format={format} />}
      <section class="card tips">
        <h3>What follows from your figures</h3>
        <dl>
          {tipsFor({ prediction, period, status, largest, format }).map(({ title, text }) => (
            <div>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}

interface PartProps {
  prediction: Prediction;
  format: Format;
}

function Rate({ prediction, status, format }: PartProps & { status: Status }) {
  const rows = BANDS.map(({ label, below }, i) => [
    label,
    format.share(BANDS[i - 1]?.below ?? 0),
    i === BANDS.length - 1 ? 'no end' : format.share(below),
  ]);
  return (
    <Figure
      title="Savings rate"
      note={
        <>
          <strong class={`chip ${status.name}`}>{status.label}</strong> {status.text}
        </>
      }
      table={{ head: ['Band', 'From', 'Below'], rows }}
    >
      <Gauge
        id="gauge"
        title="Savings rate"
        rate={prediction.rate}
        bands={BANDS}
        mark={{ at: GOOD_RATE, label: 'what budgeting advice commonly asks for' }}
        caption="of income"
        format={format}
      />
    </Figure>
  );
}

function Balance({ prediction, format }: PartProps) {
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
      note="What is left over is arithmetic; what is predicted is what households like this put aside."
      table={{
        head: ['Of', 'Amount'],
        rows: columns.map(({ label, value }) => [label, format.money(value)]),
      }}
    >
      <Columns
        id="balance"
        title="Income, expenses, left over and predicted savings"
        description={columns.map(({ label, text }) => `${label} ${text}`).join(', ')}
        columns={columns}
      />
    </Figure>
  );
}

function Year({ prediction: { amount, interval }, format }: PartProps) {
  const rows = Array.from({ length: MONTHS }, (_, i) => [
    `${i + 1} mo.`,
    format.money(interval.low * (i + 1)),
    format.money(amount * (i + 1)),
    format.money(interval.high * (i + 1)),
  ]);
  return (
    <Figure
      title="Twelve months of this"
      note={
        <>
          <strong>{format.money(amount * MONTHS)}</strong> in a year, were every month like this one.
        </>
      }
      table={{ head: ['After', 'Low', 'Predicted', 'High'], rows }}
    >
      <Projection
        id="projection"
        title="Savings over twelve months"
        amount={amount}
        low={interval.low}
        high={interval.high}
        months={MONTHS}
        format={format}
      />
    </Figure>
  );
}
