/** @jsxImportSource hono/jsx */
import { Bars } from '../charts/bars.tsx';
import { Donut } from '../charts/donut.tsx';
import { Waterfall } from '../charts/waterfall.tsx';
import { Figure } from '../figure.tsx';
import type { ResultProps } from '../household.tsx';

const LARGEST = 3;

/** Where the money goes. */
export function Spending({ manifest, words, result, format }: ResultProps) {
  const { income, totalExpenses, remainder } = result.prediction;
  const ranked = result.expenses;
  const share = (amount: number) => (totalExpenses > 0 ? amount / totalExpenses : 0);
  const largest = ranked.slice(0, LARGEST).filter(({ amount }) => amount > 0);
  const together = largest.reduce((sum, { amount }) => sum + amount, 0);
  const table = {
    head: ['Expense', 'Amount', 'Of expenses', 'Of income'],
    rows: ranked.map(({ label, amount }) => [
      label,
      format.money(amount),
      format.percent(share(amount)),
      format.percent(amount / income),
    ]),
  };
  // These keep the manifest's order, as in the form: they show the household's month, not a ranking. What is nothing is no step.
  const inOrder = manifest.features.filter(
    ({ role, name }) => role === 'expense' && Math.round(Number(result.inputs[name])) !== 0,
  );
  return (
    <div class="cards">
      <section class="card largest screen-only">
        <h3>The three largest</h3>
        {largest.length === 0 ? (
          <p>There are no expenses.</p>
        ) : (
          <>
            <ol>
              {largest.map(({ label, amount }) => (
                <li>
                  <span>
                    {label} <small>{format.percent(share(amount))} of expenses</small>
                  </span>{' '}
                  <strong>{format.money(amount)}</strong>
                </li>
              ))}
            </ol>
            <p class="note">Together {format.percent(share(together))} of everything you spend.</p>
          </>
        )}
      </section>
      <Figure title="Where it goes" table={table}>
        <Donut id="donut" title="Expenses" slices={ranked} totalLabel={words.unit} format={format} />
      </Figure>
      <Figure title="Ranked" table={table} screenOnly>
        <Bars
          id="ranked"
          title="Expenses, largest first"
          description={ranked.map(({ label, amount }) => `${label} ${format.money(amount)}`).join(', ')}
          bars={ranked.map(({ label, amount }) => ({ label, value: amount, text: format.money(amount) }))}
        />
      </Figure>
      <Figure
        title="From income to what is left"
        note={
          remainder < 0
            ? `Expenses go ${format.money(-remainder)} below zero.`
            : `${format.money(remainder)} of ${format.money(income)} is left.`
        }
        table={{
          head: ['Step', 'Amount'],
          rows: [
            ['Income', format.money(income)],
            ...inOrder.map(({ name, label }) => [label, format.money(-Number(result.inputs[name]))]),
            ['Left over', format.money(remainder)],
          ],
        }}
      >
        <Waterfall
          id="waterfall"
          title="From income through every expense to what is left over"
          description={`Income ${format.money(income)}, expenses ${format.money(totalExpenses)}, left over ${format.money(remainder)}.`}
          start={{ label: 'Income', value: income, text: format.money(income) }}
          steps={inOrder.map(({ name, label }) => {
            const amount = Number(result.inputs[name]);
            return { label, change: -amount, text: format.money(-amount) };
          })}
          end={{ label: 'Left over', value: remainder, text: format.money(remainder) }}
        />
      </Figure>
    </div>
  );
}
