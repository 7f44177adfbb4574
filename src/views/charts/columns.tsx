/** @jsxImportSource hono/jsx */
import { scaleBand } from 'd3-scale';
import { round, Svg, scaleOf, shorten, WIDTH } from './svg.tsx';

export interface Column {
  label: string;
  value: number;
  /** The value as it stands above the column. */
  text: string;
  /** How it is coloured: what it means for the household. */
  tone: 'plain' | 'spent' | 'left' | 'saved';
}

export interface ColumnsProps {
  id: string;
  title: string;
  description: string;
  columns: readonly Column[];
}

const HEIGHT = 200;
const TOP = 22;
const BOTTOM = 176;

/** Amounts side by side, on one scale that begins at zero; below it where an amount is negative. */
export function Columns({ id, title, description, columns }: ColumnsProps) {
  const values = columns.map(({ value }) => value);
  const low = Math.min(0, ...values);
  const y = scaleOf([low, Math.max(0, ...values)], [low < 0 ? BOTTOM - 18 : BOTTOM, TOP]);
  const x = scaleBand(
    columns.map(({ label }) => label),
    [0, WIDTH],
  ).paddingInner(0.3);
  const zero = y(0);
  return (
    <Svg id={id} title={title} description={description} height={HEIGHT}>
      {columns.map(({ label, value, text, tone }) => {
        const left = x(label) ?? 0;
        const end = y(value);
        const middle = round(left + x.bandwidth() / 2);
        return (
          <g>
            <rect
              class={`bar ${tone}`}
              x={round(left)}
              y={round(Math.min(zero, end))}
              width={round(x.bandwidth())}
              height={round(Math.abs(end - zero))}
              rx="3"
            />
            <text class="value" x={middle} y={round(value < 0 ? end + 14 : end - 6)} text-anchor="middle">
              {text}
            </text>
            <text class="soft" x={middle} y={HEIGHT - 6} text-anchor="middle">
              {shorten(label, 13)}
            </text>
          </g>
        );
      })}
      <path class="axis" d={`M0 ${round(zero)}H${WIDTH}`} />
    </Svg>
  );
}
