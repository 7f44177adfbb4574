import { log } from './portable-math.ts';

const TWO_32 = 2 ** 32;

/**
 * Random numbers that a seed decides, the same on every runtime: xoshiro128** (Blackman and Vigna 2018,
 * https://prng.di.unimi.it/xoshiro128starstar.c). Not for secrets.
 */
export class Random {
  readonly #state: Uint32Array;
  #spareNormal = Number.NaN;

  /**
   * @param seed a whole number from 0 to 2^53 - 1
   * @param stream each stream of a seed is a sequence of its own
   */
  constructor(seed: number, stream = 0) {
    this.#state = seedState([seed % TWO_32, Math.floor(seed / TWO_32), stream]);
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const s = this.#state;
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 11);
    return result;
  }

  /** Uniform in [0, 1), of 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    return (high * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number from low to high, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor((high - low + 1) * this.uniform());
  }

  /** Mean 0, standard deviation 1: Marsaglia's polar method, which needs no function of which engines differ. */
  normal(): number {
    const spare = this.#spareNormal;
    if (!Number.isNaN(spare)) {
      this.#spareNormal = Number.NaN;
      return spare;
    }
    for (;;) {
      const u = this.between(-1, 1);
      const v = this.between(-1, 1);
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * log(s)) / s);
      this.#spareNormal = v * scale;
      return u * scale;
    }
  }

  /** Puts the items in random order, in place (Fisher and Yates). */
  shuffle<T extends Int32Array | Float64Array>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }
}

const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));

/** Spreads a few words over the state with the mixer of MurmurHash3, so that near seeds give far states. */
function seedState(words: readonly number[]): Uint32Array {
  let hash = 0x9e3779b9;
  const mix = (word: number) => {
    hash = (hash + Math.imul(word | 0, 0x9e3779b1) + 0x6d2b79f5) | 0;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
    return hash;
  };
  for (const word of words) mix(word);
  const state = Uint32Array.from([1, 2, 3, 4], mix);
  // The one state that xoshiro never leaves.
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}
