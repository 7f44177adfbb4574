/** @jsxImportSource hono/jsx */
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import type { Child } from 'hono/jsx';

/** Every chart is drawn on this many units across, so that text has one size in all of them. */
export const WIDTH = 360;

export interface SvgProps {
  /** Unique on the page; the title's and the description's ids begin with it. */
  id: string;
  title: string;
  /** What a person who sees the chart takes from it, in a sentence or two. */
  description: string;
  width?: number;
  height: number;
  children?: Child;
}

/** The frame of every chart: one image to a screen reader, with a name and a description. */
export function Svg({ id, title, description, width = WIDTH, height, children }: SvgProps) {
  return (
    <svg
      class="plot"
      viewBox={`0 0 ${width} ${round(height)}`}
      role="img"
      aria-labelledby={`${id}-title ${id}-desc`}
    >
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-desc`}>{description}</desc>
      {children}
    </svg>
  );
}

/** A span of amounts below this is nothing that a chart could show. */
const LEAST_SPAN = 1e-9;

/** A linear scale that is finite for all values within its domain, also where that has no width to speak of. */
export function scaleOf(
  [low, high]: readonly [low: number, high: number],
  range: readonly [number, number],
): ScaleLinear<number, number> {
  return scaleLinear([low, high - low < LEAST_SPAN ? low + 1 : high], range);
}

/** Where bars end, so that the longest of these texts fits between them and the right edge. */
export function roomFor(texts: readonly string[]): number {
  const longest = Math.max(0, ...texts.map((text) => text.length));
  return Math.max(WIDTH / 2, WIDTH - 10 - longest * 7.8);
}

/** Two decimals are finer than any screen, and keep the markup short. */
export function round(value: number): number {
  return Math.round(value * 100) / 100 + 0;
}

/** SVG text does not wrap: what is too long for its place ends with an ellipsis. */
export function shorten(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1).trimEnd()}…`;
}
