/** @jsxImportSource hono/jsx */
import type { Format } from '../format.ts';
import { round, Svg, scaleOf, WIDTH } from './svg.tsx';

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
const LEFT = 4;
const RIGHT = WIDTH - 4;
const LINE = 12;

/** The predicted amount within its interval, on a scale from zero. */
export function Interval({ id, title, low, amount, high, description, format }: IntervalProps) {
  const x = scaleOf([Math.min(0, low), Math.max(0, high * 1.15)], [LEFT, RIGHT]);
  const apart = x(high) - x(low) > 96;
  return (
    <Svg id={id} title={title} description={description} height={HEIGHT}>
      <path class="axis" d={`M${LEFT} ${LINE}H${RIGHT}`} />
      <path class="span" d={`M${round(x(low))} ${LINE}H${round(x(high))}`} />
      <circle class="dot" cx={round(x(amount))} cy={LINE} r="7" />
      {apart ? (
        <>
          <Label x={x(low)}>{format.money(low)}</Label>
          <Label x={x(high)}>{format.money(high)}</Label>
        </>
      ) : (
        <Label x={(x(low) + x(high)) / 2} room={62}>
          {`${format.money(low)} – ${format.money(high)}`}
        </Label>
      )}
    </Svg>
  );
}

/** Centred under its place, but inside the picture. */
function Label({ x, room = 30, children }: { x: number; room?: number; children: string }) {
  const place = round(Math.min(Math.max(x, room), WIDTH - room));
  return (
    <text class="soft" x={place} y={HEIGHT - 6} text-anchor="middle">
      {children}
    </text>
  );
}
