/** @jsxImportSource hono/jsx */
import type { Sweep } from '../../model/sensitivity.ts';
import { Sweep as SweepChart } from '../charts/sweep.tsx';
import { DataTable } from '../figure.tsx';
import type { ResultProps } from '../household.tsx';
import { figureWriter } from '../input-figure.ts';
import { leftOverOf } from '../status.ts';
import { Goal } from './goal.tsx';

/** One in ten: a cut that a person can picture. */
const CUT = 0.1;

/** What another income or other spending would do, by the model and by plain arithmetic. */
export function Change(props: ResultProps) {
  return (
    <div class="cards">
      <Goal {...props} />
      <Sweeps {...props} />
      <Cuts {...props} />
    </div>
  );
}

function Sweeps({ manifest, words, result, format }: ResultProps) {
  const { prediction, inputs } = result;
  // Where nothing can be set aside at any point there is nothing to draw.
  const sweeps = words.budget
    ? result.sweeps.filter(({ points }) => points.some((point) => Math.round(point.amount) !== 0))
    : result.sweeps;
  const { amount, interval, remainder } = prediction;
  if (sweeps.length === 0) return null;
  const amounts = sweeps.flatMap(({ points }) => points.map((point) => point.amount));
  const lifted = sweeps.some(({ feature, points }) =>
    points.some((point) => point.value < Number(inputs[feature]) && point.amount > interval.high),
  );
  const room = remainder - amount;
  const input = words.budget ? 'expense' : 'figure';
  const title = `${words.predicted} over each ${input}`;
  return (
    <section class="card wide">
      <h3>If one {input} alone were different</h3>
      <p class="note">
        {words.budget &&
          (lifted
            ? 'What is left over holds the prediction down, so lower spending lifts the prediction. '
            : 'No cut of a single expense lifts the prediction beyond its own uncertainty. ')}
        {words.budget &&
          room >= 1 &&
          `Any one expense can rise by about ${format.money(room)} before less is left over than is predicted. `}
        The line is the prediction over the {input}’s range; the dot is {words.budget ? 'you' : 'yours'}.
      </p>
      <div class="multiples">
        {sweeps.map(({ feature, label, points }) => {
          const now = Number(inputs[feature]);
          const first = points[0];
          const last = points[points.length - 1];
          const write = figureWriter(manifest.features, feature, format);
          return (
            <figure>
              <figcaption>
                {label} <span class="soft">{write(now)}</span>
              </figcaption>
              <SweepChart
                id={`sweep-${feature}`}
                title={`${words.predicted} over ${label}`}
                description={`From ${format.money(first.amount)} at ${write(first.value)} to ${format.money(last.amount)} at ${write(last.value)}; now ${format.money(amount)}.`}
                points={points}
                now={{ value: now, amount }}
                least={Math.min(amount, ...amounts)}
                most={Math.max(amount, ...amounts) * 1.1}
                write={words.budget ? format.compact : write}
              />
            </figure>
          );
        })}
      </div>
      <details class="numbers">
        <summary>
          Numbers<span class="visually-hidden"> of: {title}</span>
        </summary>
        <DataTable
          caption={title}
          table={{
            head: [words.budget ? 'Expense' : 'Figure', 'At its least', 'Now', 'A half more', 'At its most'],
            rows: sweeps.map(({ feature, label, points }) => [
              label,
              format.money(points[0].amount),
              format.money(amount),
              format.money(nearest(points, Number(inputs[feature]) * 1.5)),
              format.money(points[points.length - 1].amount),
            ]),
          }}
        />
      </details>
    </section>
  );
}

function nearest(points: Sweep['points'], value: number): number {
  return points.reduce((best, point) =>
    Math.abs(point.value - value) < Math.abs(best.value - value) ? point : best,
  ).amount;
}

/** This is no prediction: what a cut leaves over is a subtraction. Whoever is short sees first what can fall first. */
function Cuts({ words: { budget }, result, format }: ResultProps) {
  if (budget === undefined) return null;
  const { period } = budget;
  const monthly = period === 'month';
  const { remainder } = result.prediction;
  const left = leftOverOf(result.prediction);
  const short = left.status.name === 'overspending';
  const spent = result.expenses.filter(({ amount }) => amount > 0);
  if (spent.length === 0) return null;
  const rows = short
    ? [...spent.filter(({ discretionary }) => discretionary), ...spent.filter((one) => !one.discretionary)]
    : spent;
  const then = (freed: number) => {
    const after = leftOverOf({ ...result.prediction, remainder: remainder + freed });
    const amount = format.money(after.amount);
    return short && after.name === 'Left over' ? `nothing, and ${amount} left over` : amount;
  };
  return (
    <section class="card wide">
      <h3>{short ? 'What a tenth less of each would do' : 'What a tenth less of each would leave over'}</h3>
      <p class="note">
        Plain arithmetic.{' '}
        {short
          ? `${format.money(left.amount)} is missing now; each line alone would narrow that, what can fall first before the rest.`
          : `${format.money(left.amount)} is left over now; what you do with more of it is up to you.`}
      </p>
      <DataTable
        caption="What a tenth less of each expense does"
        table={{
          head: [
            'A tenth less of',
            `Frees a ${period}`,
            ...(monthly ? ['In a year'] : []),
            short ? 'Missing then' : 'Left over then',
          ],
          rows: rows.map(({ label, amount }) => [
            label,
            format.money(amount * CUT),
            ...(monthly ? [format.money(amount * CUT * 12)] : []),
            then(amount * CUT),
          ]),
        }}
      />
    </section>
  );
}
