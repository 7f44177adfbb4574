import type { Manifest } from './manifest.ts';

/** A number with so many decimals; never `-0.0`, which toFixed makes of a small loss. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return value < 0 && !/[1-9]/.test(text) ? text.slice(1) : text;
}

/** Decimals that are worth writing of errors about so large: three digits, and none of what is larger. */
export function decimalsFor(error: number): number {
  return error > 0 && error < 100 ? Math.min(6, 2 - Math.floor(Math.log10(error))) : 0;
}

/** Decimals of predictions in a CSV: those of money, or for what is none as many as tell one from its neighbours. */
export function decimalsOf({ target, metrics }: Pick<Manifest, 'target' | 'metrics'>): number {
  return target.currency === undefined ? Math.max(2, decimalsFor(metrics.model.mae)) : 2;
}
