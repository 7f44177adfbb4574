const FACTORS: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/**
 * The number that a Kubernetes quantity means: 0.25 of '250m', 67108864 of '64Mi'.
 * @throws where it is none
 */
export function quantity(text: string): number {
  const [, digits, unit] = /^([0-9.]+)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = FACTORS[unit ?? 'none'];
  if (digits === undefined || factor === undefined) throw new Error(`Not a quantity of Kubernetes: ${text}`);
  // Of a thousandth, the quotient is the nearest number to what is written; the product often is not.
  return factor < 1 ? Number(digits) / Math.round(1 / factor) : Number(digits) * factor;
}
