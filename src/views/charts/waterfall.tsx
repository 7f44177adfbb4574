/** @jsxImportSource hono/jsx */
import { roomFor, round, Svg, scaleOf, shorten } from './svg.tsx';

export interface Step {
  label: string;
  /** What this step adds; negative when it takes away. */
  change: number;
  text: string;
}

export interface WaterfallProps {
  id: string;
  title: string;
  description: string;
  start: { label: string; value: number; text: string };
  steps: readonly Step[];
  end: { label: string; value: number; text: string };
}

const ROW = 24;
const BAR = 14;
const LABELS = 130;

/** From one amount to another by what is added and taken away between them, one row a step. */
export function Waterfall({ id, title, description, start, steps, end }: WaterfallProps) {
  let level = start.value;
  const floating = steps.map(({ label, change, text }) => {
    const from = level;
    level += change;
    return { label, text, from, to: level, tone: change < 0 ? 'spent' : 'saved' };
  });
  const rows = [
    { ...start, from: 0, to: start.value, tone: 'plain' },
    ...floating,
    { ...end, from: 0, to: end.value, tone: end.value < 0 ? 'short' : 'left' },
  ];
  const edges = rows.flatMap(({ from, to }) => [from, to]);
  const x = scaleOf(
    [Math.min(0, ...edges), Math.max(0, ...edges)],
    [LABELS, roomFor(rows.map(({ text }) => text))],
  );
  return (
    <Svg id={id} title={title} description={description} height={rows.length * ROW}>
      {rows.map(({ label, text, from, to, tone }, i) => {
        const middle = i * ROW + ROW / 2;
        const left = Math.min(x(from), x(to));
        const strong = i === 0 || i === rows.length - 1;
        return (
          <g>
            <title>{`${label}: ${text}`}</title>
            <text class={strong ? 'strong' : undefined} x="0" y={middle + 4}>
              {shorten(label, 16)}
            </text>
            <rect
              class={`bar ${tone}`}
              x={round(left)}
              y={middle - BAR / 2}
              width={round(Math.abs(x(to) - x(from)))}
              height={BAR}
              rx="2"
            />
            {i < rows.length - 1 && (
              <path class="link" d={`M${round(x(to))} ${middle + BAR / 2}v${ROW - BAR}`} />
            )}
            <text class={strong ? 'value strong' : 'value'} x="360" y={middle + 4} text-anchor="end">
              {text}
            </text>
          </g>
        );
      })}
      <path class="axis" d={`M${round(x(0))} 0V${rows.length * ROW}`} />
    </Svg>
  );
}
