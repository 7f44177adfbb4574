/** @jsxImportSource hono/jsx */
import type { Explanation } from '../../model/explanation.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Words } from '../../model/words.ts';
import { type Contribution, Contributions } from '../charts/contributions.tsx';
import { Figure } from '../figure.tsx';
import type { Format } from '../format.ts';
import type { ResultProps } from '../household.tsx';
import { Importances } from './importances.tsx';

/** Parts that are shown one by one; the others together. */
const MOST_PARTS = 6;

/** What made the amount what it is, for this household and in general. */
export function Why({ manifest, words, result, format }: ResultProps) {
  return (
    <div class="cards">
      {result.explanation ? (
        <ThisHousehold explanation={result.explanation} {...{ manifest, words, format }} />
      ) : (
        <section class="card">
          <h3>These figures</h3>
          <p>This model was published without what it takes to explain a single answer.</p>
        </section>
      )}
      <Importances manifest={manifest} format={format} />
    </div>
  );
}

const LEFT_OVER = 'what is left over';

/** What no prediction is more than. */
function capInWords({
  target,
  features,
  derived,
}: Pick<Manifest, 'target' | 'features' | 'derived'>): string {
  const cap = [...derived, ...features].find(({ name }) => name === target.clamp?.max);
  return cap === undefined || ('op' in cap && cap.op === 'remainder') ? LEFT_OVER : cap.label;
}

interface ThisHouseholdProps {
  explanation: Explanation;
  manifest: Pick<Manifest, 'target' | 'features' | 'derived'>;
  words: Words;
  format: Format;
}

function ThisHousehold({ explanation, manifest, words, format }: ThisHouseholdProps) {
  const { target, features } = manifest;
  const isHousehold = words.one === 'household';
  const { base, amount } = explanation;
  const { transform } = target;
  const by =
    transform === 'identity' ? undefined : features.find(({ name }) => name === transform.multiplyBy);
  const whole = by?.role === 'income' ? 'income' : by?.label;
  const [begins, ends] = [format.money(base), format.money(amount)];
  const start = { label: whole ? `The average, at your ${whole}` : 'The average', text: begins };
  const end = { label: isHousehold ? 'Your household' : 'Your figures', text: ends };
  const cap = capInWords(manifest);
  const steps = stepsOf(explanation, MOST_PARTS, format, cap);
  const largest = steps.find(({ limit }) => !limit);
  const limit = steps.find((step) => step.limit);
  return (
    <Figure
      title={isHousehold ? 'From the average to you' : 'From the average to your figures'}
      note={
        <>
          {whole
            ? `At the average share of ${whole} in the model’s data, yours would give ${begins}.`
            : `The average in the model’s data is ${begins}.`}{' '}
          What your figures say beyond that moves it, step by step, to {ends}.
          {limit &&
            ` The limit is no opinion of the model: ${
              limit.change < 0 ? `no prediction is more than ${cap}` : 'no prediction is less than that'
            }.`}
        </>
      }
      table={{
        head: ['Step', 'Effect'],
        rows: [start, ...stepsOf(explanation, Number.POSITIVE_INFINITY, format, cap), end].map(
          ({ label, text }) => [label, text],
        ),
      }}
    >
      <Contributions
        id="contributions"
        title="What moves the prediction from the average to this one"
        description={
          largest === undefined
            ? `Nothing of it moves the prediction from ${begins}${limit ? ', but for the limit' : ''}; it ends at ${ends}.`
            : `It begins at ${begins}; ${largest.label} moves it most, by ${largest.text}; it ends at ${ends}.`
        }
        start={start}
        contributions={steps}
        end={end}
      />
      <details class="numbers">
        <summary>How this is worked out</summary>
        <p class="fine">
          By contributions along the decision paths of all trees (Saabas, 2014). They add up exactly, but for
          rounding; another method would share the effect out differently among inputs that go together.
        </p>
      </details>
    </Figure>
  );
}

/**
 * The steps from the average to the amount, as the page rounds them: none is nothing, and written out they add up. What
 * rounding leaves over goes to the parts that are taken together, or to the largest where none are.
 *
 * @param most parts that are named
 * @param cap what no prediction is more than
 */
export function stepsOf(
  { base, parts, limit, amount }: Explanation,
  most: number,
  format: Pick<Format, 'change' | 'rounded'>,
  cap = LEFT_OVER,
): Contribution[] {
  const named = parts
    .slice(0, most)
    .map(({ label, change }) => ({ label, change: format.rounded(change) }))
    .filter(({ change }) => change !== 0);
  const held = format.rounded(limit);
  let open = format.rounded(amount) - format.rounded(base) - held;
  for (const { change } of named) open -= change;
  open = format.rounded(open);
  if (named.length < parts.length) named.push({ label: 'The rest together', change: open });
  else if (named.length > 0) named[0].change += open;
  const end = held < 0 ? `Limit: ${cap}` : 'Limit: the least that is predicted';
  return [...named, { label: end, change: held, limit: true }]
    .filter(({ change }) => change !== 0)
    .map((step) => ({ ...step, text: format.change(step.change) }));
}
