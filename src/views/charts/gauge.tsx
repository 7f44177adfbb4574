/** @jsxImportSource hono/jsx */
import { scaleLinear } from 'd3-scale';
import { arc } from 'd3-shape';
import type { Format } from '../format.ts';
import { round, Svg } from './svg.tsx';

export interface GaugeBand {
  label: string;
  /** Where it ends, as a share of income; the last ends with the scale. */
  below: number;
  tone: 'low' | 'fair' | 'good';
}

export interface GaugeProps {
  id: string;
  title: string;
  /** Share of income. */
  rate: number;
  /** Another share of income, marked on the ring; none where there is nothing to mark. */
  predicted: { name: string; rate: number } | undefined;
  bands: readonly GaugeBand[];
  /** A share that somebody says is worth reaching, marked on the scale. */
  mark: { at: number; label: string } | undefined;
  /** What the rate is called under the number. */
  caption: string;
  format: Format;
}

const CENTRE = { x: 180, y: 158 };
const OUTER = 124;
const INNER = 96;
const HEIGHT = 186;

/** A rate on a half circle with its bands. A rate beyond the scale is shown at its end; the number says the truth. */
export function Gauge({ id, title, rate, predicted, bands, mark, caption, format }: GaugeProps) {
  const most = bands[bands.length - 1]?.below ?? 1;
  const angle = scaleLinear([0, most], [-Math.PI / 2, Math.PI / 2]).clamp(true);
  const ring = arc<{ from: number; to: number }>()
    .innerRadius(INNER)
    .outerRadius(OUTER)
    .startAngle(({ from }) => angle(from))
    .endAngle(({ to }) => angle(to))
    .padAngle(0.015)
    .digits(2);
  const band = bands.find(({ below }) => rate < below) ?? bands[bands.length - 1];
  const description =
    `${format.percent(rate)} of income: ${band?.label ?? ''}.` +
    (mark === undefined ? '' : ` The mark at ${format.percent(mark.at)} is ${mark.label}.`) +
    (predicted === undefined ? '' : ` ${predicted.name}: ${format.percent(predicted.rate)}.`);
  return (
    <Svg id={id} title={title} description={description} height={HEIGHT}>
      <g transform={`translate(${CENTRE.x} ${CENTRE.y})`}>
        {bands.map(({ below, tone, label }, i) => {
          const from = bands[i - 1]?.below ?? 0;
          const middle = at(angle((from + below) / 2), OUTER + 10);
          return (
            <>
              <path class={`band ${tone}`} d={ring({ from, to: below }) ?? ''}>
                <title>{`${label}: ${format.percent(from)} to ${format.percent(below)}`}</title>
              </path>
              <text class="soft" x={middle.x} y={middle.y} text-anchor={anchor(middle.x)}>
                {label}
              </text>
            </>
          );
        })}
        {mark !== undefined && <Tick angle={angle(mark.at)} text={format.share(mark.at)} />}
        {predicted !== undefined && <Ring angle={angle(predicted.rate)} />}
        <Needle angle={angle(rate)} />
        <text class="big" text-anchor="middle" y="-22">
          {format.percent(rate)}
        </text>
        <text class="soft" text-anchor="middle" y="-4">
          {caption}
        </text>
        <text class="soft" x={-(INNER + OUTER) / 2} y="18" text-anchor="middle">
          {format.share(0)}
        </text>
        <text class="soft" x={(INNER + OUTER) / 2} y="18" text-anchor="middle">
          {format.share(most)}
        </text>
      </g>
    </Svg>
  );
}

/** A line across the ring, with its text inside it. */
function Tick({ angle, text }: { angle: number; text: string }) {
  const from = at(angle, INNER - 6);
  const to = at(angle, OUTER + 4);
  const label = at(angle, INNER - 18);
  return (
    <>
      <path class="mark" d={`M${from.x} ${from.y}L${to.x} ${to.y}`} />
      <text class="value" x={label.x} y={label.y + 4} text-anchor="middle">
        {text}
      </text>
    </>
  );
}

/** A triangle that points at the ring from inside. */
function Needle({ angle }: { angle: number }) {
  const tip = at(angle, INNER + 10);
  const left = at(angle - 0.09, INNER - 8);
  const right = at(angle + 0.09, INNER - 8);
  return <path class="needle" d={`M${tip.x} ${tip.y}L${left.x} ${left.y}L${right.x} ${right.y}Z`} />;
}

/** An open circle on the ring's middle. */
function Ring({ angle }: { angle: number }) {
  const { x, y } = at(angle, (INNER + OUTER) / 2);
  return <circle class="ring" cx={x} cy={y} r="8" />;
}

/** A point on a circle; angles run clockwise from the top, as d3's do. */
function at(angle: number, radius: number): { x: number; y: number } {
  return { x: round(Math.sin(angle) * radius), y: round(-Math.cos(angle) * radius) };
}

function anchor(x: number): 'start' | 'middle' | 'end' {
  return x < -20 ? 'end' : x > 20 ? 'start' : 'middle';
}
