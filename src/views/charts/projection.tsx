/** @jsxImportSource hono/jsx */
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Format } from '../format.ts';
import { round, Svg, scaleOf, WIDTH } from './svg.tsx';

export interface ProjectionProps {
  id: string;
  title: string;
  /** Left over every month; below 0, what the debt grows by. */
  left: number;
  /** What is predicted of every month, with the ends of its interval; none for whoever is short. */
  predicted: { name: string; amount: number; low: number; high: number } | undefined;
  months: number;
  format: Format;
}

const HEIGHT = 204;
const LEFT = 46;
const RIGHT = WIDTH - 14;
const TOP = 14;
const BOTTOM = 172;

/** What has come together after each month, were every month like this one. */
export function Projection({ id, title, left, predicted, months, format }: ProjectionProps) {
  const points = Array.from({ length: months + 1 }, (_, month) => month);
  const ends = [0, left * months, (predicted?.low ?? 0) * months, (predicted?.high ?? 0) * months];
  const x = scaleLinear([0, months], [LEFT, RIGHT]);
  const y = scaleOf([Math.min(...ends), Math.max(...ends)], [BOTTOM, TOP]).nice(4);
  const path = (perMonth: number) =>
    line<number>(
      (month) => x(month),
      (month) => y(month * perMonth),
    ).digits(2)(points) ?? '';
  const fan = ({ low, high }: { low: number; high: number }) =>
    area<number>((month) => x(month), BOTTOM, BOTTOM)
      .y0((month) => y(month * low))
      .y1((month) => y(month * high))
      .digits(2)(points) ?? '';
  const total = format.money(Math.abs(left) * months);
  const description =
    left < 0
      ? `${format.money(-left)} a month short come to ${total} in ${months} months.`
      : `${format.money(left)} a month left over come to ${total} in ${months} months` +
        (predicted === undefined
          ? '.'
          : `; the predicted ${format.money(predicted.amount)} come to ${format.money(predicted.amount * months)}, ` +
            `at the ends of the interval to between ${format.money(predicted.low * months)} and ${format.money(predicted.high * months)}.`);
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
      {predicted && (
        <>
          <path class="fan" d={fan(predicted)} />
          <path class="line second" d={path(predicted.amount)} />
          <circle class="dot" cx={RIGHT} cy={round(y(predicted.amount * months))} r="4" />
          <Key y={TOP + 8} of="line first" text="left over" />
          <Key y={TOP + 26} of="line second" text={predicted.name} />
        </>
      )}
      <path class={left < 0 ? 'line debt' : 'line first'} d={path(left)} />
      <circle class={left < 0 ? 'dot debt' : 'dot first'} cx={RIGHT} cy={round(y(left * months))} r="5" />
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

/** Which line is which, in the corner that rising lines leave free. */
function Key({ y, of, text }: { y: number; of: string; text: string }) {
  return (
    <>
      <path class={of} d={`M${LEFT + 8} ${y}H${LEFT + 30}`} />
      <text class="soft" x={LEFT + 38} y={y + 4}>
        {text}
      </text>
    </>
  );
}
