/** @jsxImportSource hono/jsx */
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Format } from '../format.ts';
import { round, Svg, scaleOf, WIDTH } from './svg.tsx';

export interface ProjectionProps {
  id: string;
  title: string;
  /** Saved every month. */
  amount: number;
  /** The ends of its interval. */
  low: number;
  high: number;
  months: number;
  format: Format;
}

const HEIGHT = 204;
const LEFT = 46;
const RIGHT = WIDTH - 14;
const TOP = 14;
const BOTTOM = 172;

/** What has come together after each month, were every month like this one. */
export function Projection({ id, title, amount, low, high, months, format }: ProjectionProps) {
  const points = Array.from({ length: months + 1 }, (_, month) => month);
  const x = scaleLinear([0, months], [LEFT, RIGHT]);
  const y = scaleOf([Math.min(0, low * months), Math.max(0, high * months)], [BOTTOM, TOP]).nice(4);
  const fan = area<number>((month) => x(month), BOTTOM, BOTTOM)
    .y0((month) => y(month * low))
    .y1((month) => y(month * high))
    .digits(2);
  const path = line<number>(
    (month) => x(month),
    (month) => y(month * amount),
  ).digits(2);
  const total = amount * months;
  const description =
    `${format.money(amount)} a month come to ${format.money(total)} in ${months} months; ` +
    `at the ends of the interval, to between ${format.money(low * months)} and ${format.money(high * months)}.`;
  return (
    <Svg id={id} title={title} description={description} height={HEIGHT}>
      {y.ticks(4).map((tick) => (
        <>
          <path class="grid" d={`M${LEFT} ${round(y(tick))}H${RIGHT}`} />
          <text class="soft" x={LEFT - 8} y={round(y(tick) + 4)} text-anchor="end">
            {format.compact(tick)}
          </text>
        </>
      ))}
      <path class="fan" d={fan(points) ?? ''} />
      <path class="line" d={path(points) ?? ''} />
      <circle class="dot" cx={RIGHT} cy={round(y(total))} r="5" />
      {[1, 3, 6, 9, 12]
        .filter((month) => month <= months)
        .map((month) => (
          <text class="soft" x={round(x(month))} y={BOTTOM + 16} text-anchor="middle">
            {month}
          </text>
        ))}
      <text class="soft" x={(LEFT + RIGHT) / 2} y={HEIGHT - 2} text-anchor="middle">
        months from now
      </text>
    </Svg>
  );
}
