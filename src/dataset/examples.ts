import type { Inputs } from '../model/features.ts';
import type { Feature } from '../model/manifest.ts';
import type { Random } from './synthetic/random.ts';

/** Rows with a known target, as numbers. */
export interface Examples {
  rows: number;
  /** [rows, features], row after row, in the order of the model's features; a choice as its index. */
  inputs: Float64Array;
  /** [rows], in the target's unit. */
  target: Float64Array;
  /** [rows], how many households each row stands for; absent where each stands for as many. */
  weights?: Float64Array;
}

/** Collects examples one by one, without knowing their number. */
export class ExamplesBuilder {
  readonly #features: number;
  #inputs: Float64Array;
  #target: Float64Array;
  #weights: Float64Array | undefined;
  #rows = 0;

  constructor(features: number, expectedRows = 1024, weighted = false) {
    this.#features = features;
    this.#inputs = new Float64Array(expectedRows * features);
    this.#target = new Float64Array(expectedRows);
    if (weighted) this.#weights = new Float64Array(expectedRows);
  }

  get rows(): number {
    return this.#rows;
  }

  /** @param inputs [features] numbers, copied */
  add(inputs: ArrayLike<number>, target: number, weight = 1): void {
    if (this.#rows === this.#target.length) this.#grow();
    this.#inputs.set(inputs, this.#rows * this.#features);
    if (this.#weights !== undefined) this.#weights[this.#rows] = weight;
    this.#target[this.#rows++] = target;
  }

  /** The builder's own memory, since a copy of many rows is dear; what was set aside beyond them was never written to. */
  finish(): Examples {
    return {
      rows: this.#rows,
      inputs: this.#inputs.subarray(0, this.#rows * this.#features),
      target: this.#target.subarray(0, this.#rows),
      ...(this.#weights && { weights: this.#weights.subarray(0, this.#rows) }),
    };
  }

  #grow(): void {
    const capacity = Math.max(1024, this.#target.length * 2);
    const inputs = new Float64Array(capacity * this.#features);
    inputs.set(this.#inputs);
    const target = new Float64Array(capacity);
    target.set(this.#target);
    this.#inputs = inputs;
    this.#target = target;
    if (this.#weights === undefined) return;
    const weights = new Float64Array(capacity);
    weights.set(this.#weights);
    this.#weights = weights;
  }
}

/** One row by feature name, as a client would send it. */
export function inputsOf(
  features: readonly Pick<Feature, 'name' | 'choices'>[],
  examples: Pick<Examples, 'inputs'>,
  row: number,
): Inputs {
  const inputs: Record<string, number | string> = {};
  for (let f = 0; f < features.length; f++) {
    const value = examples.inputs[row * features.length + f];
    inputs[features[f].name] = features[f].choices?.[value] ?? value;
  }
  return inputs;
}

/** The same backwards. @param into [features] */
export function numbersOf(
  features: readonly Pick<Feature, 'name' | 'choices'>[],
  inputs: Inputs,
  into: Float64Array,
): Float64Array {
  for (const [f, { name, choices }] of features.entries()) {
    const value = inputs[name];
    into[f] = typeof value === 'number' ? value : (choices ?? []).indexOf(value);
  }
  return into;
}

/** The given rows, in the given order. */
export function takeExamples(examples: Examples, rows: Int32Array): Examples {
  const features = examples.rows === 0 ? 0 : examples.inputs.length / examples.rows;
  const { inputs, target, weights } = examples;
  const taken = new ExamplesBuilder(features, rows.length, weights !== undefined);
  for (const row of rows) {
    taken.add(inputs.subarray(row * features, (row + 1) * features), target[row]!, weights?.[row]);
  }
  return taken.finish();
}

/**
 * Deals the rows at random into parts, each row into exactly one.
 *
 * @param shares one for every part but the first, which gets what is left
 */
export function splitExamples(examples: Examples, shares: readonly number[], random: Random): Examples[] {
  const order = random.shuffle(Int32Array.from({ length: examples.rows }, (_, row) => row));
  let end = order.length;
  const parts = shares.map((share) => {
    const start = end - Math.floor(share * order.length);
    const part = order.subarray(start, end);
    end = start;
    return part;
  });
  return [order.subarray(0, end), ...parts].map((part) => takeExamples(examples, part));
}
