import type { Derived, Manifest, ManifestFormat } from './manifest.ts';

export type Path = (string | number)[];
/** What of a manifest savings-model/2 added to. */
type Versioned = Pick<
  Manifest,
  'data' | 'metrics' | 'features' | 'derived' | 'rules' | 'examples' | 'target' | 'trainer' | 'interval'
>;
const FIRST_OPS: readonly Derived['op'][] = ['share', 'remainder'];

/** Where values are in use, or keys left out, as savings-model/1 does not have it. */
export function valuesOfFormat2({ features, derived, target, trainer }: Versioned): Path[] {
  const values: Path[] = [];
  if (trainer.rows === undefined) values.push(['trainer', 'rows']);
  if (!features.some(({ role }) => role === 'income')) values.push(['features']);
  for (const [i, { op }] of derived.entries()) if (!FIRST_OPS.includes(op)) values.push(['derived', i, 'op']);
  if (target.currency === undefined) values.push(['target', 'currency']);
  if (target.period === undefined || target.period === 'week') values.push(['target', 'period']);
  return values;
}

/** The keys in use that savings-model/1 does not have, by their paths. */
export function keysOfFormat2({
  features,
  derived,
  rules,
  examples,
  data,
  metrics,
  target,
  trainer,
  interval,
}: Versioned): Path[] {
  const keys: Path[] = [];
  for (const [i, { discretionary }] of features.entries()) {
    if (discretionary !== undefined) keys.push(['features', i, 'discretionary']);
  }
  if (rules !== undefined) keys.push(['rules']);
  if (examples !== undefined) keys.push(['examples']);
  if (target.computed !== undefined) keys.push(['target', 'computed']);
  if (data.kind !== undefined) keys.push(['data', 'kind']);
  if (data.year !== undefined) keys.push(['data', 'year']);
  if (trainer.method !== undefined) keys.push(['trainer', 'method']);
  if (metrics.brackets !== undefined) keys.push(['metrics', 'brackets']);
  if (interval.method !== 'split-conformal') keys.push(['interval', 'method']);
  if (interval.tenths !== undefined) keys.push(['interval', 'tenths']);
  for (const [i, { trained }] of derived.entries()) {
    if (trained !== undefined) keys.push(['derived', i, 'trained']);
  }
  return keys;
}

/** The earliest format that has all keys and values of the manifest: what it is to be written in, for the most programs to read. */
export function formatOf(manifest: Versioned): ManifestFormat {
  const newer = [...keysOfFormat2(manifest), ...valuesOfFormat2(manifest)];
  return newer.length === 0 ? 'savings-model/1' : 'savings-model/2';
}
