import type { Model } from './model.ts';
import { ReferenceBins } from './reference-bins.ts';

/** What is counted of many predictions: numbers that can cross from thread to thread, and say nothing of anybody. */
export interface PredictionCounts {
  /** `[predictions]`, in the target's unit. */
  amounts: Float64Array<ArrayBuffer>;
  /** How many inputs fell into each bin of the reference distribution, as `ReferenceBins` numbers them. */
  bins: Uint32Array<ArrayBuffer>;
  /** `[model.seen.names, 2]`: how many lay below and above what the model has seen. */
  beyond: Uint32Array<ArrayBuffer>;
}

/** Counts the predictions of one model. */
export class PredictionCounter {
  readonly #model: Model;
  readonly #reference: ReferenceBins;
  /** Where each feature that has bins stands among the quantities. */
  readonly #at: Int32Array;

  constructor(model: Model) {
    this.#model = model;
    this.#reference = new ReferenceBins(model.reference, model.manifest.features);
    this.#at = Int32Array.from(this.#reference.names, (name) => model.indexOf(name));
  }

  /**
   * @param quantities `[rows, width]`, as `Encoder` makes them
   * @param predictions `[rows, 3]`, as `Model.predictQuantities` writes them
   */
  count(quantities: Float64Array, predictions: Float64Array, rows: number): PredictionCounts {
    const { starts } = this.#reference;
    const { seen, width } = this.#model;
    const at = this.#at;
    const bins = new Uint32Array(starts[at.length]);
    const beyond = new Uint32Array(2 * seen.names.length);
    const amounts = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const from = row * width;
      for (let i = 0; i < at.length; i++)
        bins[starts[i] + this.#reference.binOf(i, quantities[from + at[i]])]++;
      seen.count(quantities, from, beyond);
      amounts[row] = predictions[3 * row];
    }
    return { amounts, bins, beyond };
  }
}
