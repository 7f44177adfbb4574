import { fixed } from '../../model/fixed.ts';

const [MINUS, POINT, ZERO] = [45, 46, 48];

/** Below this the product by a power of ten has bits left that tell on which side of a half it lies. */
const LARGEST = 2 ** 42;
/** Twice what a product is rounded by at most, as a share of it. */
const ROUNDING = 2 ** -52;

/** Writes numbers with so many decimals, as `fixed` does. */
export class FixedBytes {
  readonly #decimals: number;
  readonly #scale: number;

  /** @param decimals 0 to 6 */
  constructor(decimals: number) {
    this.#decimals = decimals;
    this.#scale = 10 ** decimals;
  }

  /** The most bytes that a number takes. */
  static readonly LONGEST = 32;

  /** @returns behind what was written */
  write(value: number, into: Uint8Array, at: number): number {
    const scaled = Math.abs(value) * this.#scale;
    let whole = Math.floor(scaled);
    const rest = scaled - whole;
    // The exact value decides, as it does for toFixed; the product is rounded.
    if (!(scaled < LARGEST) || Math.abs(rest - 0.5) <= scaled * ROUNDING)
      return this.#writeText(value, into, at);
    if (rest > 0.5) whole++;
    const isNegative = value < 0 && whole > 0;
    let length = isNegative ? 1 : 0;
    const digits = Math.max(digitsOf(whole), this.#decimals + 1);
    length += digits + (this.#decimals > 0 ? 1 : 0);
    let i = at + length;
    for (let digit = 0; digit < digits; digit++) {
      if (digit === this.#decimals && digit > 0) into[--i] = POINT;
      const tenth = Math.floor(whole / 10);
      into[--i] = ZERO + whole - 10 * tenth;
      whole = tenth;
    }
    if (isNegative) into[at] = MINUS;
    return at + length;
  }

  #writeText(value: number, into: Uint8Array, at: number): number {
    const text = fixed(value, this.#decimals);
    for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
    return at + text.length;
  }
}

function digitsOf(whole: number): number {
  let digits = 1;
  for (let least = 10; whole >= least; least *= 10) digits++;
  return digits;
}
