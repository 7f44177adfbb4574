import { operandsOf } from './derived-columns.ts';
import type { Feature, Manifest } from './manifest.ts';
import type { Warning } from './prediction.ts';

/**
 * How far a share may lie beyond what was seen and still count as seen: people state shares in whole percents, and who
 * says 15 % is not beyond 14.99 %.
 */
const SHARE_SLACK = 0.005;

type Range = Feature['trained'];
type Described = Pick<Manifest, 'features' | 'derived' | 'encoding'>;

/**
 * What a model has seen of what its forest reads: tells which of a household's figures lie beyond it.
 *
 * Watched are the forest's own columns and the income, which its output may be multiplied by. A derived column of which
 * nobody recorded what was seen is watched by the inputs that it is made of, which is all that such a manifest knows.
 * A choice is not watched: each is known. Nor is how little goes to one expense, where none may: form and help invite a 0,
 * a little is no stranger than nothing, and what it does to the household as a whole is seen in what is left over.
 */
export class SeenRanges {
  /** The names that a warning can have. */
  readonly names: readonly string[];
  /** Where each of them stands among the quantities (see `Encoder`). */
  readonly #at: Int32Array;
  readonly #trained: readonly Range[];
  /** The ends beyond which a warning is given. */
  readonly #least: Float64Array;
  readonly #most: Float64Array;

  /** @param quantities their names, in their order */
  constructor(manifest: Described, quantities: readonly string[]) {
    const watched = watchedBy(manifest);
    this.names = quantities.filter((name) => watched.has(name));
    this.#at = Int32Array.from(this.names, (name) => quantities.indexOf(name));
    const ranges = this.names.map((name) => watched.get(name)!);
    this.#trained = ranges.map(({ trained }) => trained);
    this.#least = Float64Array.from(ranges, ({ least }) => least);
    this.#most = Float64Array.from(ranges, ({ most }) => most);
  }

  /** @param quantities `[features + derived]`, as `Encoder` makes them */
  warnings(quantities: Float64Array): Warning[] {
    const warnings: Warning[] = [];
    const [at, least, most] = [this.#at, this.#least, this.#most];
    for (let i = 0; i < at.length; i++) {
      const value = quantities[at[i]];
      if (value < least[i]) {
        warnings.push({ feature: this.names[i], side: 'below', trained: this.#trained[i].min });
      } else if (value > most[i]) {
        warnings.push({ feature: this.names[i], side: 'above', trained: this.#trained[i].max });
      }
    }
    return warnings;
  }

  /**
   * Counts the warnings of one row.
   *
   * @param quantities where its own begin at `from`
   * @param counts `[names, 2]`: those below and those above
   */
  count(quantities: Float64Array, from: number, counts: Uint32Array): void {
    const [at, least, most] = [this.#at, this.#least, this.#most];
    for (let i = 0; i < at.length; i++) {
      const value = quantities[from + at[i]];
      if (value < least[i]) counts[2 * i]++;
      else if (value > most[i]) counts[2 * i + 1]++;
    }
  }
}

interface Watched {
  trained: Range;
  /** The ends that count. */
  least: number;
  most: number;
}

function watchedBy({ features, derived, encoding }: Described): Map<string, Watched> {
  const watched = new Map<string, Watched>();
  const inputs = new Map(features.map((feature) => [feature.name, feature]));
  const columns = new Map(derived.map((column) => [column.name, column]));
  const add = (name: string, trained: Range, input: Feature | undefined, slack: number) => {
    const mayBeNone = input?.role === 'expense' && input.min <= 0;
    const least = mayBeNone ? Number.NEGATIVE_INFINITY : trained.min - slack;
    watched.set(name, { trained, least, most: trained.max + slack });
  };
  const watch = (name: string) => {
    const input = inputs.get(name);
    const column = columns.get(name);
    if (input !== undefined) {
      if (input.kind !== 'choice') add(name, input.trained, input, 0);
    } else if (column?.trained !== undefined) {
      if (column.op === 'share') add(name, column.trained, inputs.get(column.of), SHARE_SLACK);
      else add(name, column.trained, undefined, 0);
    } else if (column !== undefined) {
      for (const part of operandsOf(column)) watch(part);
    }
  };
  for (const { name, role } of features) if (role === 'income') watch(name);
  for (const column of encoding) watch('derived' in column ? column.derived : column.feature);
  return watched;
}
