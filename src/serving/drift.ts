import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import type { Count } from './counters.ts';

/** A bin's label, as wide as the largest, so that names sort as bins do. Bin 00 holds the lowest values. */
export function binName(bin: number): string {
  return String(bin).padStart(2, '0');
}

/**
 * Counts inputs into the bins of a model's training data, so that Prometheus can say whether they still look alike.
 * Bins say how many, never who or how much.
 */
export class DriftBins {
  readonly #names: readonly string[];
  readonly #choices: readonly (ReadonlyMap<string, number> | undefined)[];
  /** The edges of all features, one feature after the other; those of feature i end before `#edgeEnds[i]`. */
  readonly #edges: Float64Array;
  readonly #edgeEnds: Int32Array;
  readonly #bins: readonly (readonly Count[])[];

  /** @param binOf where the count of one bin is kept */
  constructor({ reference, manifest }: Model, binOf: (feature: string, bin: string) => Count) {
    const { features } = reference;
    this.#names = features.map(({ feature }) => feature);
    this.#choices = features.map(({ feature }) => {
      const choices = manifest.features.find(({ name }) => name === feature)?.choices;
      return choices && new Map(choices.map((choice, i) => [choice, i]));
    });
    this.#edges = Float64Array.from(features.flatMap(({ edges }) => edges));
    let end = 0;
    this.#edgeEnds = Int32Array.from(features, ({ edges }) => {
      end += edges.length;
      return end;
    });
    this.#bins = features.map(({ feature, shares }) => shares.map((_, bin) => binOf(feature, binName(bin))));
  }

  count(inputs: Inputs): void {
    const edges = this.#edges;
    let at = 0;
    for (let i = 0; i < this.#names.length; i++) {
      const value = inputs[this.#names[i]];
      const first = at;
      const end = this.#edgeEnds[i];
      if (typeof value === 'number') while (at < end && value >= edges[at]) at++;
      const bin = typeof value === 'number' ? at - first : (this.#choices[i]?.get(value) ?? 0);
      this.#bins[i][bin].value++;
      at = end;
    }
  }
}
