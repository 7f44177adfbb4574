/** @jsxImportSource hono/jsx */
import type { Manifest } from '../../model/manifest.ts';
import { Bars } from '../charts/bars.tsx';
import { Figure } from '../figure.tsx';
import type { Format } from '../format.ts';

const MOST_FEATURES = 15;
/** Less than so much of the model's own error is none. */
const LEAST_INCREASE = 0.001;

/** How much the model relies on each input, over all held-out rows. */
export function Importances({
  manifest,
  format,
  heading = 'h3',
}: {
  manifest: Pick<Manifest, 'features' | 'importances' | 'metrics'>;
  format: Format;
  heading?: 'h2' | 'h3';
}) {
  const labels = new Map(manifest.features.map(({ name, label }) => [name, label]));
  const ranked = [...manifest.importances]
    .sort((a, b) => b.maeIncrease - a.maeIncrease)
    .slice(0, MOST_FEATURES)
    .map((importance) => ({ ...importance, label: labels.get(importance.feature) ?? importance.feature }));
  // Shuffling what the model makes nothing of improves its answers as often as not.
  const least = LEAST_INCREASE * manifest.metrics.model.mae;
  const counting = ranked.filter(({ maeIncrease }) => maeIncrease > 0 && maeIncrease >= least);
  if (counting.length === 0) return null;
  const idle = ranked.filter((one) => !counting.includes(one)).map(({ label }) => label);
  return (
    <Figure
      title="What the model relies on"
      heading={heading}
      note={
        <>
          The longer the bar, the more its predictions depend on that figure, over all rows held out.
          {idle.length > 0 && ` On average its predictions are no worse without: ${format.list(idle)}.`}
        </>
      }
      table={{
        head: ['Input', 'Error grows by', 'Spread'],
        rows: counting.map(({ label, maeIncrease, standardDeviation }) => [
          label,
          format.small(maeIncrease),
          `± ${format.small(standardDeviation)}`,
        ]),
      }}
    >
      <Bars
        id="importances"
        title="Importance of each input"
        description={counting
          .map(({ label, maeIncrease }) => `${label} ${format.small(maeIncrease)}`)
          .join(', ')}
        bars={counting.map(({ label, maeIncrease, standardDeviation }) => ({
          label,
          value: maeIncrease,
          text: format.small(maeIncrease),
          spread: standardDeviation,
        }))}
      />
      <details class="numbers">
        <summary>How this is measured</summary>
        <p class="fine">
          By how much worse its predictions get, on average, when one input is shuffled among the rows it has
          not seen. The line at the end of a bar is the spread over repeats.
        </p>
      </details>
    </Figure>
  );
}
