/** @jsxImportSource hono/jsx */
import type { Explanation } from '../../model/explanation.ts';
import { Contributions } from '../charts/contributions.tsx';
import { Figure } from '../figure.tsx';
import type { Format } from '../format.ts';
import type { ResultProps } from '../household.tsx';
import { Importances } from './importances.tsx';

/** Parts that are shown one by one, if they are more than this share of the largest; the others together. */
const MOST_PARTS = 6;
const SMALLEST_PART = 0.005;

/** What made the amount what it is, for this household and in general. */
export function Why({ manifest, result, format }: ResultProps) {
  return (
    <div class="cards">
      {result.explanation ? (
        <ThisHousehold explanation={result.explanation} format={format} />
      ) : (
        <section class="card">
          <h3>This household</h3>
          <p>This model was published without what it takes to explain a single answer.</p>
        </section>
      )}
      <Importances manifest={manifest} format={format} />
    </div>
  );
}

function ThisHousehold({ explanation, format }: { explanation: Explanation; format: Format }) {
  const { base, parts, limit, amount } = explanation;
  const least = SMALLEST_PART * Math.abs(parts[0]?.change ?? 0);
  const shown = parts.slice(0, MOST_PARTS).filter(({ change }) => Math.abs(change) > least);
  const rest = parts.slice(shown.length);
  const contributions = shown.map(({ label, change }) => ({ label, change, text: format.change(change) }));
  if (rest.length > 0) {
    const change = rest.reduce((sum, part) => sum + part.change, 0);
    contributions.push({ label: `${rest.length} smaller`, change, text: format.change(change) });
  }
  const start = { label: 'The average rate, at your income', text: format.money(base) };
  const end = { label: 'Your household', text: format.money(amount) };
  const cap = { label: 'Limit: what is left', change: limit, text: format.change(limit), limit: true };
  const largest = parts[0];
  return (
    <Figure
      title="From the average to you"
      note={
        <>
          At the average rate of the data that the model learned from, your income would give{' '}
          {format.money(base)}. What is particular about yours moves that, step by step, to{' '}
          {format.money(amount)}.
          {limit !== 0 && ' The last step is no opinion of the model: nobody saves more than is left over.'}
        </>
      }
      table={{
        head: ['Step', 'Effect'],
        rows: [
          [start.label, start.text],
          ...parts.map(({ label, change }) => [label, format.change(change)]),
          ...(limit === 0 ? [] : [[cap.label, cap.text]]),
          [end.label, end.text],
        ],
      }}
    >
      <Contributions
        id="contributions"
        title="What moves the answer from the average rate to this household's"
        description={
          largest === undefined
            ? `Nothing moves it from ${start.text}.`
            : `It begins at ${start.text}; ${largest.label} moves it most, by ${format.change(largest.change)}; it ends at ${end.text}.`
        }
        start={start}
        contributions={limit === 0 ? contributions : [...contributions, cap]}
        end={end}
      />
      <p class="fine">
        Method: contributions along the decision paths of all trees (Saabas, 2014). They add up exactly;
        another method would share the effect out differently among inputs that go together.
      </p>
    </Figure>
  );
}
