/** A number with so many decimals; never `-0.0`, which toFixed makes of a small loss. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return value < 0 && !/[1-9]/.test(text) ? text.slice(1) : text;
}
