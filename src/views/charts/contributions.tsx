import { scaleLinear } from 'd3-scale';
import { round, Svg, shorten, WIDTH } from './svg.tsx';

export interface Contribution {
  label: string;
  /** What it adds to the amount. */
  change: number;
  text: string;
  /** A limit that was put on the forest's answer, rather than a part of it. */
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

const ROW = 26;
const BAR = 14;
const LABELS = 150;
const VALUES = 288;

/** From the average to this household: what pulls down lies left of the middle line, what pushes up right of it. */
export function Contributions({ id, title, description, start, contributions, end }: ContributionsProps) {
  const reach = Math.max(...contributions.map(({ change }) => Math.abs(change))) || 1;
  const x = scaleLinear([-reach, reach], [LABELS, VALUES]);
  const height = (contributions.length + 2) * ROW;
  const zero = round(x(0));
  return (
    <Svg id={id} title={title} description={description} height={height}>
      <Total {...start} row={0} />
      <path class="axis" d={`M${zero} ${ROW}V${height - ROW}`} />
      {contributions.map(({ label, change, text, limit }, i) => {
        const middle = (i + 1) * ROW + ROW / 2;
        const tone = limit ? 'limit' : change < 0 ? 'spent' : 'saved';
        return (
          <g>
            <title>{`${label}: ${text}`}</title>
            <text x="0" y={middle + 4}>
              {shorten(label, 21)}
            </text>
            <rect
              class={`bar ${tone}`}
              x={round(Math.min(zero, x(change)))}
              y={middle - BAR / 2}
              width={round(Math.abs(x(change) - x(0)))}
              height={BAR}
              rx="2"
            />
            <text class="value" x={WIDTH} y={middle + 4} text-anchor="end">
              {text}
            </text>
          </g>
        );
      })}
      <Total {...end} row={contributions.length + 1} />
    </Svg>
  );
}

function Total({ label, text, row }: { label: string; text: string; row: number }) {
  const y = row * ROW;
  return (
    <g>
      <rect class="total" x="0" y={y + 2} width={WIDTH} height={ROW - 4} rx="4" />
      <text class="strong" x="6" y={y + ROW / 2 + 4}>
        {shorten(label, 36)}
      </text>
      <text class="value strong" x={WIDTH - 6} y={y + ROW / 2 + 4} text-anchor="end">
        {text}
      </text>
    </g>
  );
}
