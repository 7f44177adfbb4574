/** @jsxImportSource hono/jsx */
import type { Words } from '../../model/words.ts';
import { FORM_ID } from '../form/form.tsx';
import type { HouseholdProps } from '../household.tsx';
import { Actions } from './actions.tsx';
import { Change } from './change.tsx';
import { Comparison } from './comparison.tsx';
import { Overview } from './overview.tsx';
import { Printed } from './printed.tsx';
import { Remember } from './remember.tsx';
import { Spending } from './spending.tsx';
import { Why } from './why.tsx';

const OF_ALL = [
  { id: 'panel-why', title: 'Why', Body: Why },
  { id: 'panel-change', title: 'What if', Body: Change },
];
const OF_A_BUDGET = [
  { id: 'panel-overview', title: 'Overview', Body: Overview },
  { id: 'panel-spending', title: 'Spending', Body: Spending },
  ...OF_ALL,
];

const panelsOf = ({ budget }: Words) => (budget ? OF_A_BUDGET : OF_ALL);

/** Leads to the panels from right under the headline: on a phone the form stands between the two. */
export function Tabs({ words }: { words: Words }) {
  return (
    <nav id="tabs" class="tabs" aria-label="Parts of the answer">
      <ul>
        {panelsOf(words).map(({ id, title }) => (
          <li>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/**
 * Everything behind the amount. Without JavaScript the panels stand one below the other and the links lead to them;
 * with it, public/app.js shows one at a time.
 *
 * While a slider moves only the panel in view is filled: the others come empty and marked, and public/app.js then marks
 * what it has of them, fills one when it is opened, and all when the slider rests. Everything outside the panels
 * (headline, form, comparison) is whole in every answer.
 */
export function ResultPanels(props: HouseholdProps) {
  const { result, kept, manifest, sha256, inView, goal } = props;
  if (result === undefined) {
    // Without an answer it has no field, and is not to be typed again.
    return goal.text === '' ? null : <input type="hidden" name="_goal" form={FORM_ID} value={goal.text} />;
  }
  const panels = panelsOf(props.words);
  const all = !panels.some(({ id }) => id === inView);
  return (
    <section id="answer" class="answer" tabindex={-1} aria-label="The answer in detail">
      <Printed {...props} result={result} />
      <Actions {...props} />
      {kept.length > 0 && <Comparison {...props} result={result} />}
      <a class="skip" href="#tabs">
        Back to the parts of the answer
      </a>
      {panels.map(({ id, title, Body }) =>
        all || id === inView ? (
          <section id={id} class="panel" tabindex={-1} aria-labelledby={`${id}-title`}>
            <h2 id={`${id}-title`}>{title}</h2>
            <p class="earlier warning">These figures are from before your last change.</p>
            <Body {...props} result={result} />
          </section>
        ) : (
          <section id={id} class="panel" tabindex={-1} data-stale="" />
        ),
      )}
      <Remember unit={manifest.target.unit} />
      <p class="fine identity">
        Answered by <a href="/model">model {manifest.version}</a>, sha256 <code>{sha256.slice(0, 12)}</code>
      </p>
    </section>
  );
}
