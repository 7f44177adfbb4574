/** @jsxImportSource hono/jsx */
import type { HouseholdProps } from '../household.tsx';
import { Actions } from './actions.tsx';
import { Change } from './change.tsx';
import { Comparison } from './comparison.tsx';
import { Overview } from './overview.tsx';
import { Spending } from './spending.tsx';
import { Why } from './why.tsx';

const PANELS = [
  { id: 'panel-overview', title: 'Overview', Body: Overview },
  { id: 'panel-spending', title: 'Spending', Body: Spending },
  { id: 'panel-why', title: 'Why', Body: Why },
  { id: 'panel-change', title: 'What if', Body: Change },
];

/**
 * Everything behind the amount. Without JavaScript the panels stand one below the other and the links lead to them;
 * with it, public/app.js shows one at a time.
 */
export function ResultPanels(props: HouseholdProps) {
  const { result, kept, manifest, sha256 } = props;
  if (result === undefined) return null;
  return (
    <section id="answer" class="answer" tabindex={-1} aria-label="The answer in detail">
      <Actions {...props} />
      {kept.length > 0 && <Comparison {...props} result={result} />}
      <nav class="tabs" aria-label="Parts of the answer">
        <ul>
          {PANELS.map(({ id, title }) => (
            <li>
              <a href={`#${id}`}>{title}</a>
            </li>
          ))}
        </ul>
      </nav>
      {PANELS.map(({ id, title, Body }) => (
        <section id={id} class="panel" aria-labelledby={`${id}-title`}>
          <h2 id={`${id}-title`}>{title}</h2>
          <Body {...props} result={result} />
        </section>
      ))}
      <p class="fine identity">
        Answered by <a href="/model">model {manifest.version}</a>, sha256 <code>{sha256.slice(0, 12)}</code>
      </p>
    </section>
  );
}
