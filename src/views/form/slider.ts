import { scaleLinear, scalePow } from 'd3-scale';
import type { Feature } from '../../model/manifest.ts';

/** Positions of a slider's handle. Few enough that one step of the arrow keys is a change worth making. */
export const POSITIONS = 200;

/** How a slider's position and an input's value belong together; public/app.js does the same in the browser. */
export interface SliderScale {
  low: number;
  high: number;
  /** value = low + (high - low) * (position / POSITIONS) ** power */
  power: number;
  positions: number;
}

/**
 * Whole numbers of a small range have a position each. Amounts run over several powers of ten, and most households
 * are at the lower end, so there the handle moves in finer steps: the range is cubic.
 */
export function sliderScale({ min, max, step, kind, trained }: Feature): SliderScale {
  if (kind === 'integer' && max - min <= POSITIONS) {
    return { low: min, high: max, power: 1, positions: Math.max(1, max - min) };
  }
  const high = Math.min(max, roundUp(Math.max(trained.max, min + step)));
  return { low: min, high, power: kind === 'integer' ? 1 : 3, positions: POSITIONS };
}

/** The position nearest to a value; what lies beyond the slider's range is at its end. */
export function sliderPosition({ low, high, power, positions }: SliderScale, value: number): number {
  const scale = power === 1 ? scaleLinear() : scalePow().exponent(1 / power);
  const share = scale
    .domain([0, high - low])
    .range([0, positions])
    .clamp(true)(value - low);
  return Number.isFinite(share) ? Math.round(share) : 0;
}

/** Rounds up to one leading digit and a half: 866,957 to 900,000, 126,000 to 150,000. */
function roundUp(value: number): number {
  if (value <= 0) return value;
  const unit = 10 ** Math.floor(Math.log10(value)) / 2;
  return Math.ceil(value / unit) * unit;
}
