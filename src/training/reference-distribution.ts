import type { Examples } from '../dataset/examples.ts';
import { protectedQuantile, sortedValues } from './disclosure.ts';
import type { Feature } from '../model/manifest.ts';
import type { Reference } from '../model/reference-distribution.ts';

const BINS = 10;

/**
 * How each feature is distributed over the rows, in up to ten bins of about equal shares. A value that alone fills
 * a bin at the low end, such as "no loan", gets a bin to itself.
 *
 * @param personal whether the rows can be people: then no edge is one row's value
 */
export function referenceDistributionOf(
  features: readonly Pick<Feature, 'name' | 'choices'>[],
  examples: Examples,
  personal: boolean,
): Reference {
  return {
    rows: examples.rows,
    features: features.map(({ name, choices }, f) => {
      const values = sortedValues(examples, f);
      if (choices !== undefined) {
        return {
          feature: name,
          edges: [],
          shares: sharesOf(
            values,
            choices.slice(1).map((_, i) => i + 1),
          ),
        };
      }
      const edges = edgesOf(values, personal);
      return { feature: name, edges, shares: sharesOf(values, edges) };
    }),
  };
}

/** @param values sorted */
function edgesOf(values: Float64Array, personal: boolean): number[] {
  const at = (sorted: Float64Array, place: number) =>
    personal ? protectedQuantile(sorted, place / sorted.length) : sorted[place];
  const edges: number[] = [];
  let rest = values;
  let bins = BINS;
  const lowest = values.lastIndexOf(values[0]) + 1;
  if (lowest >= values.length / BINS && lowest < values.length) {
    rest = values.subarray(lowest);
    edges.push(at(rest, 0));
    bins = Math.max(1, Math.round((BINS * rest.length) / values.length));
  }
  for (let bin = 1; bin < bins; bin++) {
    const edge = at(rest, Math.floor((bin * rest.length) / bins));
    if (edge > (edges.at(-1) ?? rest[0])) edges.push(edge);
  }
  return edges;
}

/** Share of the values in each bin: bin i holds edges[i - 1] <= x < edges[i]. @param values sorted */
function sharesOf(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bin = 0;
  for (const value of values) {
    while (bin < edges.length && value >= edges[bin]) bin++;
    counts[bin]++;
  }
  return counts.map((count) => count / values.length);
}
