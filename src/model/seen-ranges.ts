import type { Manifest } from './manifest.ts';
import type { Warning } from './prediction.ts';

/**
 * How far a share may lie beyond what was seen and still count as seen: people state shares in whole percents, and who
 * says 15 % is not beyond 14.99 %.
 */
const SHARE_SLACK = 0.005;

type Described = Pick<Manifest, 'features' | 'derived' | 'encoding'>;

/**
 * What a model has seen of what its forest reads: tells which of a household's figures lie beyond it.
 *
 * Watched are the forest's own columns and the income, which its output may be multiplied by. A derived column of which
 * nobody recorded what was seen is watched by the inputs that it is made of, which is all that such a manifest knows.
 * A choice is not watched: each is known. Nor is an expense of 0: it is none of that expense, which form and help invite,
 * and what it does to the household as a whole is seen in what is left over.
 */
export class SeenRanges {
  readonly #names: string[] = [];
  /** Where each watched one stands among the quantities (see `Encoder`). */
  readonly #at: Int32Array;
  readonly #trained: { min: number; max: number }[] = [];
  /** The ends beyond which a warning is given. */
  readonly #least: Float64Array;
  readonly #most: Float64Array;
  /** 1 where a 0 is no warning. */
  readonly #zeroIsNone: Uint8Array;

  /** @param names of the quantities, in their order */
  constructor(manifest: Described, names: readonly string[]) {
    const watched = watchedBy(manifest);
    const at: number[] = [];
    const slack: number[] = [];
    const zeroIsNone: number[] = [];
    const expenses = new Set(
      manifest.features.filter(({ role }) => role === 'expense').map(({ name }) => name),
    );
    for (const [i, name] of names.entries()) {
      const one = watched.get(name);
      if (one === undefined) continue;
      at.push(i);
      this.#names.push(name);
      this.#trained.push(one.trained);
      slack.push(one.share ? SHARE_SLACK : 0);
      zeroIsNone.push(Number(expenses.has(one.of)));
    }
    this.#at = Int32Array.from(at);
    this.#least = Float64Array.from(this.#trained, ({ min }, i) => min - slack[i]);
    this.#most = Float64Array.from(this.#trained, ({ max }, i) => max + slack[i]);
    this.#zeroIsNone = Uint8Array.from(zeroIsNone);
  }

  /** The names that a warning can have. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** @param quantities `[features + derived]`, as `Encoder` makes them */
  warnings(quantities: Float64Array): Warning[] {
    const warnings: Warning[] = [];
    const [at, least, most] = [this.#at, this.#least, this.#most];
    for (let i = 0; i < at.length; i++) {
      const value = quantities[at[i]];
      if (value < least[i]) {
        if (value === 0 && this.#zeroIsNone[i] === 1) continue;
        warnings.push({ feature: this.#names[i], side: 'below', trained: this.#trained[i].min });
      } else if (value > most[i]) {
        warnings.push({ feature: this.#names[i], side: 'above', trained: this.#trained[i].max });
      }
    }
    return warnings;
  }
}

interface Watched {
  trained: { min: number; max: number };
  share: boolean;
  /** The input it is, or is a share of. */
  of: string;
}

function watchedBy({ features, derived, encoding }: Described): Map<string, Watched> {
  const watched = new Map<string, Watched>();
  const inputs = new Map(features.map((feature) => [feature.name, feature]));
  const columns = new Map(derived.map((column) => [column.name, column]));
  const watch = (name: string) => {
    const input = inputs.get(name);
    const column = columns.get(name);
    if (input !== undefined) {
      if (input.kind !== 'choice') watched.set(name, { trained: input.trained, share: false, of: name });
    } else if (column?.trained !== undefined) {
      watched.set(name, { trained: column.trained, share: column.op === 'share', of: column.of });
    } else if (column !== undefined) {
      for (const part of column.op === 'share' ? [column.of, column.by] : [column.of, ...column.minus])
        watch(part);
    }
  };
  for (const { name, role } of features) if (role === 'income') watch(name);
  for (const column of encoding) watch('derived' in column ? column.derived : column.feature);
  return watched;
}
