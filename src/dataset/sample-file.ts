import type { Feature, Manifest } from '../model/manifest.ts';
import { csvCell } from './csv-cell.ts';

/** What a model without examples of its own is shown with: so much of each amount that it proposes. */
const SHARES = [1, 0.8, 1.4];

/**
 * A small CSV of made-up households under the model's own columns, to see what a file must look like.
 *
 * @param refused whether one more row has a question mark in its first column, which no model takes for an input
 */
export function sampleFile(
  { features, examples }: Pick<Manifest, 'features' | 'examples'>,
  refused = false,
): string {
  const rows =
    examples?.map(({ inputs }) => features.map(({ name }) => String(inputs[name]))) ??
    SHARES.map((share, row) => features.map((feature) => sampleValue(feature, share, row)));
  if (refused) rows.push(rows[0].with(0, '?'));
  return [features.map(({ column }) => column), ...rows]
    .map((cells) => `${cells.map(csvCell).join(',')}\n`)
    .join('');
}

/** Around what the model proposes, within what it takes. */
function sampleValue(feature: Feature, share: number, row: number): string {
  const { choices, kind, min, max, default: proposed } = feature;
  if (choices !== undefined) return choices[(choices.indexOf(String(proposed)) + row) % choices.length];
  const amount = Number((Number(proposed) * share).toPrecision(3));
  const held = Math.min(Math.max(amount, min), max);
  return String(
    kind === 'integer' ? Math.min(Math.max(Math.round(held), Math.ceil(min)), Math.floor(max)) : held,
  );
}
