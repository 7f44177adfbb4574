/** @jsxImportSource hono/jsx */
import { roomFor, round, Svg, scaleOf, shorten } from './svg.tsx';

export interface Bar {
  label: string;
  value: number;
  /** The value as it is written at the bar's row. */
  text: string;
  /** Half the length of a whisker around the bar's end, in the value's unit. */
  spread?: number;
}

export interface BarsProps {
  id: string;
  title: string;
  description: string;
  /** In the order they are drawn. */
  bars: readonly Bar[];
}

const ROW = 26;
const BAR = 14;
const LABELS = 130;

/** Horizontal bars from zero, one a row: label, bar, value. */
export function Bars({ id, title, description, bars }: BarsProps) {
  const ends = bars.flatMap(({ value, spread = 0 }) => [value - spread, value + spread]);
  const x = scaleOf(
    [Math.min(0, ...ends), Math.max(0, ...ends)],
    [LABELS, roomFor(bars.map(({ text }) => text))],
  );
  return (
    <Svg id={id} title={title} description={description} height={bars.length * ROW}>
      {bars.map(({ label, value, text, spread }, i) => {
        const middle = i * ROW + ROW / 2;
        const from = Math.min(x(0), x(value));
        return (
          <g>
            <title>{`${label}: ${text}`}</title>
            <text x="0" y={middle + 4}>
              {shorten(label, 16)}
            </text>
            <rect
              class="bar"
              x={round(from)}
              y={middle - BAR / 2}
              width={round(Math.abs(x(value) - x(0)))}
              height={BAR}
              rx="2"
            />
            {spread !== undefined && (
              <path
                class="whisker"
                d={`M${round(x(value - spread))} ${middle}H${round(x(value + spread))}`}
              />
            )}
            <text class="value" x="360" y={middle + 4} text-anchor="end">
              {text}
            </text>
          </g>
        );
      })}
      <path class="axis" d={`M${round(x(0))} 0V${bars.length * ROW}`} />
    </Svg>
  );
}
