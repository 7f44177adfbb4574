/** @jsxImportSource hono/jsx */
import type { KeptHousehold } from '../../model/household-result.ts';
import type { Feature } from '../../model/manifest.ts';
import type { Prediction } from '../../model/prediction.ts';
import type { Words } from '../../model/words.ts';
import { DataTable, type Table } from '../figure.tsx';
import type { Format } from '../format.ts';
import type { ResultProps } from '../household.tsx';
import { leftOverOf } from '../status.ts';
import { KeptActions } from './kept-actions.tsx';

/** The households that were put aside and the one in the form, side by side. */
export function Comparison(props: ResultProps) {
  const { manifest, words, result, kept, format } = props;
  const differs = (one: KeptHousehold) =>
    manifest.features.some(({ name }) => one.inputs[name] !== result.inputs[name]);
  return (
    <section id="comparison" class="card comparison" tabindex={-1} aria-labelledby="comparison-title">
      <h2 id="comparison-title">Kept and changed</h2>
      {kept.length === 1 && !differs(kept[0]) ? (
        <p class="note">These figures are kept. Change any of them, and the two stand side by side here.</p>
      ) : (
        <>
          {kept.map((one) => (
            <p class="difference">
              <strong>Beside {one.name}:</strong>{' '}
              {differs(one)
                ? differenceInWords(one.prediction, result.prediction, words, format)
                : 'these are the same figures.'}
            </p>
          ))}
          <DataTable caption={`The kept ${words.many} and the changed one`} table={tableOf(props)} />
        </>
      )}
      <KeptWith {...{ kept, version: manifest.version, words, format }} />
      <KeptActions kept={kept} />
    </section>
  );
}

/** A household a column. Beside a single kept one stands the difference; beside several, each has a sentence instead. */
function tableOf({ manifest, words, result, kept, format }: ResultProps): Table {
  const columns = [...kept, result];
  const differences = (cells: () => string) => (kept.length === 1 ? [cells()] : []);
  const row = (
    label: string,
    figure: (prediction: Prediction) => number,
    write = format.money,
    change = format.change,
  ) => {
    const figures = columns.map(({ prediction }) => figure(prediction));
    return [label, ...figures.map(write), ...differences(() => change(figures[1] - figures[0]))];
  };
  const points = (change: number) => {
    const rounded = Math.round(change * 1000) / 10 + 0;
    return `${rounded > 0 ? '+' : ''}${format.number(rounded)} points`;
  };
  const inputRow = ({ name, label, role }: Feature) => {
    const values = columns.map(({ inputs }) => inputs[name]);
    const [write, change] =
      role === 'other'
        ? [format.number, (by: number) => `${by > 0 ? '+' : ''}${format.number(by)}`]
        : [format.money, format.change];
    const [before, now] = values;
    return [
      label,
      ...values.map((value) => (typeof value === 'string' ? value : write(value))),
      ...differences(() =>
        typeof before === 'string' || typeof now === 'string' ? '' : change(now - before),
      ),
    ];
  };
  const changed = manifest.features.filter(
    ({ name }) => new Set(columns.map(({ inputs }) => inputs[name])).size > 1,
  );
  return {
    head: ['Figure', ...kept.map(({ name }) => name), 'Now', ...differences(() => 'Difference')],
    rows: [
      ...(words.budget
        ? [
            row('Left over', ({ remainder }) => remainder),
            row('Left over, of income', (prediction) => leftOverOf(prediction).share, format.percent, points),
          ]
        : []),
      ...(words.budget?.period === 'month'
        ? [row('Left over in a year', ({ remainder }) => remainder * 12)]
        : []),
      row(words.predicted, ({ amount }) => amount),
      ...(words.budget ? [row('All expenses', ({ totalExpenses }) => totalExpenses)] : []),
      ...changed.map(inputRow),
    ],
  };
}

/** Says so where another model was live when a household was kept. */
function KeptWith({
  kept,
  version,
  words,
  format,
}: {
  kept: ResultProps['kept'];
  version: string;
  words: Words;
  format: Format;
}) {
  const others = Map.groupBy(
    kept.filter(({ keptWith }) => keptWith !== undefined && keptWith !== version),
    ({ keptWith }) => keptWith,
  );
  if (others.size === 0) return null;
  return (
    <p class="note kept-with">
      {[...others].map(
        ([other, households]) =>
          `${format.list(households.map(({ name }) => name))} ${households.length === 1 ? 'was' : 'were'} kept when model ${other} answered. `,
      )}
      The live model is now {version}, and every prediction here is its own
      {words.budget ? '; what is left over does not depend on a model.' : '.'}
    </p>
  );
}

/** What the change does to what is left over of a budget, and to the prediction; in amounts as the page rounds them. */
function differenceInWords(before: Prediction, now: Prediction, { budget }: Words, format: Format): string {
  const predicted = format.rounded(now.amount - before.amount);
  const prediction =
    predicted === 0
      ? 'stays as it is'
      : `${predicted > 0 ? 'rises' : 'falls'} by ${format.money(Math.abs(predicted))}`;
  if (budget === undefined) return `the prediction ${prediction}.`;
  const [was, is] = [leftOverOf(before), leftOverOf(now)];
  const change = Math.round(now.remainder - before.remainder);
  const amount = `${format.money(Math.abs(change))} a ${budget.period}`;
  const bothShort = was.name === 'Short by' && is.name === 'Short by';
  const leftOver =
    change === 0
      ? `as much is ${bothShort ? 'missing' : 'left over'}`
      : bothShort
        ? `${amount} ${change > 0 ? 'less' : 'more'} is missing`
        : `${amount} ${change > 0 ? 'more' : 'less'} is left over`;
  return `${leftOver}; the prediction ${prediction}.`;
}
