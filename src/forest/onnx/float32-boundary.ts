const bits = new Int32Array(1);
const single = new Float32Array(bits.buffer);

/**
 * The float64 below which exactly those numbers lie that, rounded to float32, are at most `threshold`: for every `x`
 * but NaN, `x < float32Boundary(threshold)` is `Math.fround(x) <= threshold`.
 *
 * scikit-learn rounds rows to float32 and sends `<=` left; ml-random-forest compares float64 and sends `<` left. The
 * boundary is the middle between the threshold and the next float32, or just above it: rounding takes the middle to
 * the one of the two whose last bit is even (IEEE 754-2019, section 4.3.1).
 *
 * @param threshold a finite float32.
 */
export function float32Boundary(threshold: number): number {
  // Adding 0 turns -0 into 0, whose bits are followed by the next float32's.
  single[0] = threshold + 0;
  const isEven = (bits[0] & 1) === 0;
  const middle = (threshold + nextFloat32()) / 2;
  return isEven ? nextFloat64(middle) : middle;
}

/** The float32 after the one in `single`, as if there were one after the largest, since that is where rounding ends. */
function nextFloat32(): number {
  bits[0] += single[0] >= 0 ? 1 : -1;
  return single[0] === Infinity ? 2 ** 128 : single[0];
}

const longBits = new BigInt64Array(1);
const double = new Float64Array(longBits.buffer);

function nextFloat64(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  double[0] = value;
  longBits[0] += value > 0 ? 1n : -1n;
  return double[0];
}
