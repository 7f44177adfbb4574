/**
 * exp and log from + - * / alone. ECMAScript leaves the last bits of Math.exp and Math.log to each engine, and
 * rows drawn from a seed must be the same rows wherever they are drawn.
 */

// ln 2 in two parts: the first has so few bits that k * LN2_HIGH is exact for the k met here.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LN2 = Math.LN2;
const TAYLOR_DEGREE = 14;
const SERIES_TERMS = 12;

/** e to the x, to about one unit in the last place, for |x| < 700. */
export function exp(x: number): number {
  const k = Math.round(x / LN2);
  const rest = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = TAYLOR_DEGREE; n > 0; n--) sum = 1 + (rest / n) * sum;
  const factor = k < 0 ? 0.5 : 2;
  for (let i = Math.abs(k); i > 0; i--) sum *= factor;
  return sum;
}

/** Natural logarithm of a normal number above 0, to about one unit in the last place. */
export function log(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa > Math.SQRT2; mantissa /= 2) exponent++;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  // ln m = 2 artanh((m - 1) / (m + 1)), |argument| < 0.172.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let n = SERIES_TERMS; n >= 0; n--) sum = sum * square + 1 / (2 * n + 1);
  return exponent * LN2_HIGH + (2 * s * sum + exponent * LN2_LOW);
}
