const SIZE = 624;
const SHIFT = 397;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;
const TWO_32 = 2 ** 32;

/**
 * The generator that ml-random-forest draws with (random-js 2.1), so that a seed means the same here and there:
 * MT19937 by Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998.
 */
export class MersenneTwister {
  readonly #state = new Int32Array(SIZE);
  #used = SIZE;

  /** @param seed an integer, of which the lowest 32 bits count. */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed | 0;
    for (let i = 1; i < SIZE; i++) {
      const previous = state[i - 1];
      state[i] = Math.imul(previous ^ (previous >>> 30), 0x6c078965) + i;
    }
  }

  /** The next signed 32-bit integer. */
  next(): number {
    if (this.#used === SIZE) {
      this.#refill();
      this.#used = 0;
    }
    let value = this.#state[this.#used++];
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return value ^ (value >>> 18);
  }

  /** A whole number from 0 to `end` - 1, as random-js's `integer(0, end - 1)` draws it; `end` is 1 to 2^32 - 1. */
  below(end: number): number {
    if (end === 1) return 0;
    if ((end & (end - 1)) === 0) return this.next() & (end - 1);
    // Values at the top would come up once too often.
    const limit = end * Math.floor(TWO_32 / end);
    let value: number;
    do value = this.next() >>> 0;
    while (value >= limit);
    return value % end;
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const mixed = (state[i] & UPPER) | (state[(i + 1) % SIZE] & LOWER);
      state[i] = state[(i + SHIFT) % SIZE] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
  }
}
