import type { Inputs } from './features.ts';
import type { Derived, Manifest } from './manifest.ts';

/**
 * Turns inputs into the forest's row: one-hot columns, shares and remainders. Training and serving use the same code.
 */
export class Encoder {
  /** Columns of the forest: the length of a row. */
  readonly width: number;
  /** Names in the order of `quantities`: the features, then the derived columns. */
  readonly names: readonly string[];
  readonly #features: readonly string[];
  readonly #choices: readonly (readonly string[] | undefined)[];
  readonly #derived: readonly { share: boolean; of: number; by: number; minus: Int32Array }[];
  /** Per forest column: the quantity it reads, and the choice it stands for or -1. */
  readonly #source: Int32Array;
  readonly #choice: Int32Array;

  constructor(manifest: Pick<Manifest, 'features' | 'derived' | 'encoding'>) {
    this.#features = manifest.features.map(({ name }) => name);
    this.#choices = manifest.features.map(({ choices }) => choices);
    this.names = [...manifest.features, ...manifest.derived].map(({ name }) => name);
    const index = new Map(this.names.map((name, i) => [name, i]));
    const at = (name: string) => index.get(name) ?? -1;
    this.#derived = manifest.derived.map((column: Derived) => ({
      share: column.op === 'share',
      of: at(column.of),
      by: column.op === 'share' ? at(column.by) : -1,
      minus: Int32Array.from(column.op === 'remainder' ? column.minus : [], at),
    }));
    this.width = manifest.encoding.length;
    this.#source = Int32Array.from(manifest.encoding, (column) =>
      at('derived' in column ? column.derived : column.feature),
    );
    this.#choice = Int32Array.from(manifest.encoding, (column) =>
      'choice' in column ? (manifest.features[at(column.feature)]?.choices ?? []).indexOf(column.choice) : -1,
    );
  }

  /**
   * All numbers of one row, `[features + derived]`: a feature's value (a choice as its index), then each derived
   * column. A remainder is `of - (a + b + ...)`, the sum taken first, as the page does it.
   */
  quantities(inputs: Inputs, into: Float64Array): Float64Array {
    const features = this.#features;
    for (let i = 0; i < features.length; i++) {
      const value = inputs[features[i]];
      into[i] = typeof value === 'number' ? value : (this.#choices[i] ?? []).indexOf(value);
    }
    return this.derive(into);
  }

  /** Fills in the derived columns of `[features + derived]` from its features. */
  derive(quantities: Float64Array): Float64Array {
    const first = this.#features.length;
    for (let i = 0; i < this.#derived.length; i++) {
      const column = this.#derived[i];
      if (column.share) {
        quantities[first + i] = quantities[column.of] / quantities[column.by];
      } else {
        const { of, minus } = column;
        let sum = 0;
        for (let j = 0; j < minus.length; j++) sum += quantities[minus[j]];
        quantities[first + i] = quantities[of] - sum;
      }
    }
    return quantities;
  }

  /** Writes the forest's row, `[width]` numbers from `offset` on. */
  encode(quantities: Float64Array, row: Float64Array, offset: number): void {
    for (let i = 0; i < this.width; i++) {
      const value = quantities[this.#source[i]];
      const choice = this.#choice[i];
      row[offset + i] = choice < 0 ? value : value === choice ? 1 : 0;
    }
  }

  /** Where a feature or derived column stands in `quantities`. */
  indexOf(name: string): number {
    return this.names.indexOf(name);
  }
}
