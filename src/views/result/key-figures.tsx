/** @jsxImportSource hono/jsx */
import type { Period } from '../../model/periods.ts';
import type { Prediction } from '../../model/prediction.ts';
import type { Words } from '../../model/words.ts';
import type { Format } from '../format.ts';
import type { LeftOver } from '../status.ts';

export interface KeyFiguresProps {
  prediction: Prediction;
  left: LeftOver;
  period: Period;
  words: Words;
  format: Format;
}

/** The four figures that everything else is about, each with what to hold it against. */
export function KeyFigures({ prediction, left, period, words, format }: KeyFiguresProps) {
  const { income, totalExpenses, amount, rate } = prediction;
  const figures = [
    {
      name: 'Income',
      value: format.money(income),
      delta: period === 'month' ? `${format.money(income * 12)} a year` : `a ${period}`,
    },
    {
      name: 'Expenses',
      value: format.money(totalExpenses),
      delta: `${format.percent(totalExpenses / income)} of income`,
    },
    {
      name: left.name,
      value: format.money(left.amount),
      delta: `${format.percent(Math.abs(left.share))} of income`,
    },
    {
      name: words.predicted,
      value: format.money(amount),
      delta:
        left.status.name === 'overspending' ? 'nothing is left over' : `${format.percent(rate)} of income`,
    },
  ];
  return (
    <dl class="card key-figures">
      {figures.map(({ name, value, delta }) => (
        <div>
          <dt>{name}</dt>
          <dd>
            {value}
            <small>{delta}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}
