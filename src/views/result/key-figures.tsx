/** @jsxImportSource hono/jsx */
import type { Prediction } from '../../model/prediction.ts';
import type { Format } from '../format.ts';

export interface KeyFiguresProps {
  prediction: Prediction;
  period: 'month' | 'year';
  format: Format;
}

/** The four figures that everything else is about, each with what to hold it against. */
export function KeyFigures({ prediction, period, format }: KeyFiguresProps) {
  const { income, totalExpenses, amount, rate, remainder } = prediction;
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
      name: 'Predicted savings',
      value: format.money(amount),
      delta: `${format.percent(rate)} of income`,
    },
    {
      name: 'Left over now',
      value: format.money(remainder),
      delta: `${format.money(Math.abs(remainder - amount))} ${remainder < amount ? 'below' : 'above'} predicted`,
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
