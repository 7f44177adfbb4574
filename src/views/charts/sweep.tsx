/** @jsxImportSource hono/jsx */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { round, Svg, scaleOf } from './svg.tsx';

export interface SweepPoint {
  /** The value of the input that is moved. */
  value: number;
  /** What is predicted there. */
  amount: number;
}

export interface SweepProps {
  id: string;
  title: string;
  description: string;
  /** In rising order of their values; the ends are the ends of the scale. */
  points: readonly SweepPoint[];
  /** Where the household is now. */
  now: SweepPoint;
  /** Between these the vertical scale runs, and from 0; the same in all charts that stand together. */
  least: number;
  most: number;
  /** Writes a value of the input. */
  write: (value: number) => string;
}

const WIDE = 160;
const HEIGHT = 84;
const LEFT = 6;
const RIGHT = WIDE - 6;
const TOP = 10;
const BOTTOM = 62;

/** The prediction over one input's range, small enough to stand beside its like. */
export function Sweep({ id, title, description, points, now, least, most, write }: SweepProps) {
  const first = points[0]?.value ?? 0;
  const last = points[points.length - 1]?.value ?? 1;
  const x = scaleLinear([first, last], [LEFT, RIGHT]).clamp(true);
  const y = scaleOf([Math.min(0, least), Math.max(0, most)], [BOTTOM, TOP]);
  const path = line<SweepPoint>(
    ({ value }) => x(value),
    ({ amount }) => y(amount),
  ).digits(1);
  return (
    <Svg id={id} title={title} description={description} width={WIDE} height={HEIGHT}>
      <path class="axis" d={`M${LEFT} ${BOTTOM}H${RIGHT}`} />
      <path class="now" d={`M${round(x(now.value))} ${TOP - 6}V${BOTTOM}`} />
      <path class="line" d={path(points) ?? ''} />
      <circle class="dot" cx={round(x(now.value))} cy={round(y(now.amount))} r="4" />
      <text class="soft" x={LEFT} y={HEIGHT - 6}>
        {write(first)}
      </text>
      <text class="soft" x={RIGHT} y={HEIGHT - 6} text-anchor="end">
        {write(last)}
      </text>
    </Svg>
  );
}
