/** @jsxImportSource hono/jsx */
import type { Manifest } from '../../model/manifest.ts';
import { Bars } from '../charts/bars.tsx';
import { Figure } from '../figure.tsx';
import type { Format } from '../format.ts';

const MOST_FEATURES = 15;

/** How much the model relies on each input, over all held-out rows. */
export function Importances({
  manifest,
  format,
  heading = 'h3',
}: {
  manifest: Pick<Manifest, 'features' | 'importances'>;
  format: Format;
  heading?: 'h2' | 'h3';
}) {
  const labels = new Map(manifest.features.map(({ name, label }) => [name, label]));
  const ranked = [...manifest.importances]
    .sort((a, b) => b.maeIncrease - a.maeIncrease)
    .slice(0, MOST_FEATURES)
    .map((importance) => ({ ...importance, label: labels.get(importance.feature) ?? importance.feature }));
  if (ranked.length === 0) return null;
  return (
    <Figure
      title="What the model relies on"
      heading={heading}
      note="How much worse its answers get, on average, when one input is shuffled among the rows held out. The longer the bar, the more depends on it; the line at its end is the spread over repeats."
      table={{
        head: ['Input', 'Error grows by', 'Spread'],
        rows: ranked.map(({ label, maeIncrease, standardDeviation }) => [
          label,
          format.money(maeIncrease),
          `± ${format.money(standardDeviation)}`,
        ]),
      }}
    >
      <Bars
        id="importances"
        title="Importance of each input"
        description={ranked
          .map(({ label, maeIncrease }) => `${label} ${format.money(maeIncrease)}`)
          .join(', ')}
        bars={ranked.map(({ label, maeIncrease, standardDeviation }) => ({
          label,
          value: maeIncrease,
          text: format.money(maeIncrease),
          spread: standardDeviation,
        }))}
      />
    </Figure>
  );
}
