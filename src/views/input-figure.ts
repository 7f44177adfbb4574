import type { Feature } from '../model/manifest.ts';
import type { Format } from './format.ts';

/** How the values of one input are written: an income or expense as an amount, any other number plainly. */
export function figureWriter(
  features: readonly Feature[],
  name: string,
  format: Format,
): (value: number) => string {
  const isMoney = features.find((feature) => feature.name === name)?.role !== 'other';
  return isMoney ? format.money : format.number;
}
