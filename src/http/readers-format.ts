import type { Context } from 'hono';
import { decimalsFor } from '../model/fixed.ts';
import type { Manifest } from '../model/manifest.ts';
import { type Format, formatFor } from '../views/format.ts';

/** Amounts are written in whole units of their currency; other figures in the digits that the model's error leaves. */
export function readersFormat(c: Context, manifest: Manifest | undefined): Format {
  const language = c.req.header('accept-language');
  if (manifest === undefined) return formatFor(language, undefined);
  const { target, metrics } = manifest;
  const decimals = target.currency === undefined ? Math.max(0, decimalsFor(metrics.model.mae) - 1) : 0;
  return formatFor(language, target.currency, decimals);
}
