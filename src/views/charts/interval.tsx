import { scaleLinear } from 'd3-scale';
import type { Format } from '../format.ts';
import { round, Svg, WIDTH } from './svg.tsx';

export interface IntervalProps {
  id: string;
  title: string;
  low: number;
  amount: number;
  high: number;
  description: string;
  format: Format;
}

const HEIGHT = 40;
const LEFT = 12;
const RIGHT = WIDTH - 12;
const LINE = 12;

/** The predicted amount within its interval, on a scale from zero. */
export function Interval({ id, title, low, amount, high, description, format }: IntervalProps) {
  const x = scaleLinear([0, high * 1.15 || 1], [LEFT, RIGHT]);
  const apart = x(high) - x(low) > 96;
  return (
    <Svg id={id} title={title} description={description} height={HEIGHT}>
      <path class="axis" d={`M${LEFT} ${LINE}H${RIGHT}`} />
      <path class="span" d={`M${round(x(low))} ${LINE}H${round(x(high))}`} />
      <circle class="dot" cx={round(x(amount))} cy={LINE} r="7" />
      {apart ? (
        <>
          <text class="soft" x={round(Math.max(x(low), 26))} y={HEIGHT - 6} text-anchor="middle">
            {format.money(low)}
          </text>
          <text class="soft" x={round(Math.min(x(high), WIDTH - 30))} y={HEIGHT - 6} text-anchor="middle">
            {format.money(high)}
          </text>
        </>
      ) : (
        <text class="soft" x={RIGHT} y={HEIGHT - 6} text-anchor="end">
          {format.money(low)} – {format.money(high)}
        </text>
      )}
    </Svg>
  );
}
