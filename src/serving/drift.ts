import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import type { Count } from './tally.ts';

/** A bin's label, as wide as the largest, so that names sort as bins do. Bin 00 holds the lowest values. */
export function binName(bin: number): string {
  return String(bin).padStart(2, '0');
}

/**
 * Counts inputs into the bins of a model's training data, so that Prometheus can say whether they still look alike.
 * Bins say how many, never who or how much.
 */
export class DriftBins {
  readonly #features: readonly {
    name: string;
    edges: readonly number[];
    choices: ReadonlyMap<string, number> | undefined;
    bins: readonly Count[];
  }[];

  /** @param binOf where the count of one bin is kept */
  constructor({ reference, manifest }: Model, binOf: (feature: string, bin: string) => Count) {
    this.#features = reference.features.map(({ feature, edges, shares }) => {
      const choices = manifest.features.find(({ name }) => name === feature)?.choices;
      return {
        name: feature,
        edges,
        choices: choices && new Map(choices.map((choice, i) => [choice, i])),
        bins: shares.map((_, bin) => binOf(feature, binName(bin))),
      };
    });
  }

  count(inputs: Inputs): void {
    for (const { name, edges, choices, bins } of this.#features) {
      const value = inputs[name]!;
      let bin = 0;
      if (typeof value === 'number') while (bin < edges.length && value >= edges[bin]!) bin++;
      else bin = choices?.get(value) ?? 0;
      bins[bin]!.value++;
    }
  }
}
