/** @jsxImportSource hono/jsx */
import { arc, type PieArcDatum, pie } from 'd3-shape';
import type { Format } from '../format.ts';
import { round, Svg, shorten } from './svg.tsx';

export interface Slice {
  label: string;
  /** At least 0. */
  amount: number;
}

export interface DonutProps {
  id: string;
  title: string;
  slices: readonly Slice[];
  totalLabel: string;
  format: Format;
}

/** More colours than this can't be told apart; the rest is one slice. */
const MOST_SLICES = 7;
const HEIGHT = 196;
const CENTRE = { x: 82, y: 98 };
const ROW = 26;

/** Shares of a whole, largest first from the top, with a legend in the same order. */
export function Donut({ id, title, slices, totalLabel, format }: DonutProps) {
  const shown = gather(slices);
  const total = shown.reduce((sum, slice) => sum + slice.amount, 0);
  const share = (amount: number) => (total > 0 ? amount / total : 0);
  const ring = arc<PieArcDatum<Slice>>().innerRadius(50).outerRadius(78).padAngle(0.02).digits(2);
  const angles = pie<Slice>()
    // Shares, since dividing by the least of amounts leaves what is no number.
    .value((slice) => share(slice.amount))
    .sort(null);
  const description =
    total > 0
      ? `Of ${format.money(total)}: ${shown.map(({ label, amount }) => `${label} ${format.percent(share(amount))}`).join(', ')}.`
      : 'There is nothing to share out.';
  const top = (HEIGHT - shown.length * ROW) / 2;
  return (
    <Svg id={id} title={title} description={description} height={HEIGHT}>
      <g transform={`translate(${CENTRE.x} ${CENTRE.y})`}>
        {total > 0 ? (
          angles(shown).map((slice, i) => (
            <path class={`series-${i}`} d={ring(slice) ?? ''}>
              <title>{`${slice.data.label}: ${format.money(slice.data.amount)}`}</title>
            </path>
          ))
        ) : (
          <circle class="track" r="64" />
        )}
        <text class="sum" text-anchor="middle" y="3">
          {format.compact(total)}
        </text>
        <text class="soft" text-anchor="middle" y="19">
          {totalLabel}
        </text>
      </g>
      {shown.map((slice, i) => {
        const y = round(top + i * ROW + ROW / 2);
        return (
          <g>
            <rect class={`series-${i}`} x="176" y={y - 6} width="12" height="12" rx="3" />
            <text x="195" y={y + 4}>
              {shorten(slice.label, 14)}
            </text>
            <text class="value" x="360" y={y + 4} text-anchor="end">
              {format.percent(share(slice.amount))}
            </text>
          </g>
        );
      })}
    </Svg>
  );
}

/** Largest first, without empty ones, and the smallest gathered so that no more than MOST_SLICES remain. */
function gather(slices: readonly Slice[]): Slice[] {
  const ranked = slices.filter(({ amount }) => amount > 0).sort((a, b) => b.amount - a.amount);
  if (ranked.length <= MOST_SLICES) return ranked;
  const rest = ranked.splice(MOST_SLICES - 1);
  const amount = rest.reduce((sum, slice) => sum + slice.amount, 0);
  return [...ranked, { label: `${rest.length} smaller`, amount }];
}
