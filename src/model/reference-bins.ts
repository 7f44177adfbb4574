import type { Feature } from './manifest.ts';
import type { Reference } from './reference-distribution.ts';

/** The bins of a reference distribution, those of one feature behind those of another; see reference-distribution.ts. */
export class ReferenceBins {
  /** The features that have bins. */
  readonly names: readonly string[];
  /** Where the bins of each begin, and behind the last where they end. */
  readonly starts: Int32Array;
  /** The edges of all features, one feature after the other; those of feature i end before `#edgeEnds[i]`. */
  readonly #edges: Float64Array;
  readonly #edgeEnds: Int32Array;
  readonly #areChoices: readonly boolean[];

  constructor({ features }: Reference, described: readonly Pick<Feature, 'name' | 'choices'>[]) {
    this.names = features.map(({ feature }) => feature);
    const choices = new Set(described.filter((feature) => feature.choices).map(({ name }) => name));
    this.#areChoices = this.names.map((name) => choices.has(name));
    this.#edges = Float64Array.from(features.flatMap(({ edges }) => edges));
    this.#edgeEnds = endsOf(features.map(({ edges }) => edges.length));
    this.starts = Int32Array.of(0, ...endsOf(features.map(({ shares }) => shares.length)));
  }

  /**
   * @param i which of `names`
   * @param value a number, or a choice's index
   * @returns which of its bins
   */
  binOf(i: number, value: number): number {
    if (this.#areChoices[i]) return value;
    const edges = this.#edges;
    const first = i === 0 ? 0 : this.#edgeEnds[i - 1];
    const end = this.#edgeEnds[i];
    let at = first;
    while (at < end && value >= edges[at]) at++;
    return at - first;
  }
}

function endsOf(lengths: readonly number[]): Int32Array {
  let end = 0;
  return Int32Array.from(lengths, (length) => {
    end += length;
    return end;
  });
}
