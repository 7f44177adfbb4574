/** @jsxImportSource hono/jsx */
import { round, Svg, scaleOf, shorten, WIDTH } from './svg.tsx';

export interface Contribution {
  label: string;
  /** What it adds to the amount. */
  change: number;
  text: string;
  /** A limit that was put on the forest's output, rather than a part of it. */
  limit?: boolean;
}

export interface ContributionsProps {
  id: string;
  title: string;
  description: string;
  start: { label: string; text: string };
  contributions: readonly Contribution[];
  end: { label: string; text: string };
}

/** Labels of derived columns are long, so each stands above its bar. */
const ROW = 36;
const TEXT = 12;
const BAR = { top: 18, height: 10 };
const TOTAL = 26;
/** The least that the scale shows to either side, so that no change at all lies in the middle. */
const LEAST_REACH = 1e-6;

/** From the average to this household: what pulls down lies left of the middle line, what pushes up right of it. */
export function Contributions({ id, title, description, start, contributions, end }: ContributionsProps) {
  const reach = Math.max(LEAST_REACH, ...contributions.map(({ change }) => Math.abs(change)));
  const x = scaleOf([-reach, reach], [0, WIDTH]);
  const bottom = TOTAL + contributions.length * ROW + 6;
  const zero = round(x(0));
  return (
    <Svg id={id} title={title} description={description} height={bottom + TOTAL}>
      <Total {...start} y={0} />
      {contributions.map(({ label, change, text, limit }, i) => {
        const y = TOTAL + i * ROW + 4;
        const tone = limit ? 'limit' : change < 0 ? 'spent' : 'saved';
        return (
          <g>
            <title>{`${label}: ${text}`}</title>
            <text x="0" y={y + TEXT}>
              {shorten(label, 40)}
            </text>
            <text class="value" x={WIDTH} y={y + TEXT} text-anchor="end">
              {text}
            </text>
            <rect
              class={`bar ${tone}`}
              x={round(Math.min(zero, x(change)))}
              y={y + BAR.top}
              width={round(Math.abs(x(change) - x(0)))}
              height={BAR.height}
              rx="2"
            />
            <path class="axis" d={`M${zero} ${y + BAR.top - 2}v${BAR.height + 4}`} />
          </g>
        );
      })}
      <Total {...end} y={bottom} />
    </Svg>
  );
}

function Total({ label, text, y }: { label: string; text: string; y: number }) {
  return (
    <g>
      <rect class="total" x="0" y={y} width={WIDTH} height={TOTAL} rx="4" />
      <text class="strong" x="8" y={y + 17}>
        {shorten(label, 36)}
      </text>
      <text class="value strong" x={WIDTH - 8} y={y + 17} text-anchor="end">
        {text}
      </text>
    </g>
  );
}
