/** More than any client has a use for; each may cost its reader a look-up. */
const MOST = 32;

/**
 * What a client would rather have, from a header such as Accept-Language (RFC 9110, 12.4.2): names in lower case with
 * their weights from 0, which excludes, to 1; the heaviest first, and those of one weight in their order. A name whose
 * weight is none is left out.
 */
export function qualityValues(header: string | undefined): [name: string, weight: number][] {
  const values: [string, number][] = [];
  for (const part of (header ?? '').toLowerCase().split(',', MOST)) {
    const [, name, weight = '1'] = /^\s*([^\s;]+)\s*(?:;\s*q=([\d.]+)\s*)?$/.exec(part) ?? [];
    if (name !== undefined && Number(weight) <= 1) values.push([name, Number(weight)]);
  }
  return values.sort(([, a], [, b]) => b - a);
}
