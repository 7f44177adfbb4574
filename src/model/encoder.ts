import type { Inputs } from './features.ts';
import { LEAST_DIVISOR, operandsOf } from './derived-columns.ts';
import type { Derived, Manifest } from './manifest.ts';

/**
 * Turns inputs into the forest's row: one-hot columns and columns that are computed. Training and serving use the same code.
 */
export class Encoder {
  /** Columns of the forest: the length of a row. */
  readonly width: number;
  /** Names in the order of `quantities`: the features, then the derived columns. */
  readonly names: readonly string[];
  readonly #features: readonly string[];
  readonly #choices: readonly (readonly string[] | undefined)[];
  /** `first` and `others`: where its operands stand, in the order of its description. */
  readonly #derived: readonly { op: Derived['op']; first: number; others: Int32Array }[];
  /** Per forest column: the quantity it reads, and the choice it stands for or -1. */
  readonly #source: Int32Array;
  readonly #choice: Int32Array;

  constructor(manifest: Pick<Manifest, 'features' | 'derived' | 'encoding'>) {
    this.#features = manifest.features.map(({ name }) => name);
    this.#choices = manifest.features.map(({ choices }) => choices);
    this.names = [...manifest.features, ...manifest.derived].map(({ name }) => name);
    const index = new Map(this.names.map((name, i) => [name, i]));
    const at = (name: string) => index.get(name) ?? -1;
    this.#derived = manifest.derived.map((column) => {
      const [first, ...others] = operandsOf(column).map(at);
      return { op: column.op, first: first!, others: Int32Array.from(others) };
    });
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
    this.features(inputs, into, 0);
    return this.derive(into);
  }

  /** Writes the features of one row where its quantities begin. */
  features(inputs: Inputs, into: Float64Array, at: number): void {
    const features = this.#features;
    for (let i = 0; i < features.length; i++) {
      const value = inputs[features[i]];
      into[at + i] = typeof value === 'number' ? value : (this.#choices[i] ?? []).indexOf(value);
    }
  }

  /** Fills in the derived columns of `[rows, features + derived]` from their features. */
  derive(quantities: Float64Array, rows = 1): Float64Array {
    const first = this.#features.length;
    const width = this.names.length;
    for (let i = 0; i < this.#derived.length; i++) {
      const { op, first: of, others } = this.#derived[i];
      for (let from = 0; from < rows * width; from += width) {
        let value = quantities[from + of];
        if (op === 'share') value /= quantities[from + others[0]];
        else if (op === 'ratio') {
          const by = quantities[from + others[0]];
          value = Math.abs(by) < LEAST_DIVISOR ? 0 : value / by;
        } else {
          let sum = 0;
          for (let j = 0; j < others.length; j++) sum += quantities[from + others[j]];
          value = op === 'sum' ? value + sum : value - sum;
        }
        quantities[from + first + i] = value;
      }
    }
    return quantities;
  }

  /** Writes the forest's row, `[width]` numbers from `offset` on. */
  encode(quantities: Float64Array, row: Float64Array, offset: number): void {
    this.encodeRows(quantities, 1, row, offset);
  }

  /** Writes the forest's rows, `[rows, width]` numbers from `offset` on, of `[rows, features + derived]`. */
  encodeRows(quantities: Float64Array, rows: number, into: Float64Array, offset = 0): void {
    const { width } = this;
    const count = this.names.length;
    for (let i = 0; i < width; i++) {
      const source = this.#source[i];
      const choice = this.#choice[i];
      for (let row = 0; row < rows; row++) {
        const value = quantities[row * count + source];
        into[offset + row * width + i] = choice < 0 ? value : value === choice ? 1 : 0;
      }
    }
  }

  /** Where a feature or derived column stands in `quantities`. */
  indexOf(name: string): number {
    return this.names.indexOf(name);
  }
}
