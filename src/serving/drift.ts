import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import { ReferenceBins } from '../model/reference-bins.ts';
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
  readonly #reference: ReferenceBins;
  readonly #choices: readonly (ReadonlyMap<string, number> | undefined)[];
  readonly #bins: readonly (readonly Count[])[];

  /** @param binOf where the count of one bin is kept */
  constructor({ reference, manifest }: Model, binOf: (feature: string, bin: string) => Count) {
    this.#reference = new ReferenceBins(reference, manifest.features);
    this.#choices = reference.features.map(({ feature }) => {
      const choices = manifest.features.find(({ name }) => name === feature)?.choices;
      return choices && new Map(choices.map((choice, i) => [choice, i]));
    });
    this.#bins = reference.features.map(({ feature, shares }) =>
      shares.map((_, bin) => binOf(feature, binName(bin))),
    );
  }

  count(inputs: Inputs): void {
    const reference = this.#reference;
    for (let i = 0; i < reference.names.length; i++) {
      const input = inputs[reference.names[i]];
      const value = typeof input === 'number' ? input : (this.#choices[i]?.get(input) ?? 0);
      this.#bins[i][reference.binOf(i, value)].value++;
    }
  }

  /** Adds what was counted elsewhere, by `PredictionCounter`. */
  add(counts: Uint32Array): void {
    let at = 0;
    for (const bins of this.#bins) for (const bin of bins) bin.value += counts[at++];
  }
}
