import { describe, expect, test } from 'bun:test';
import { formatOf, type Manifest, manifestSchema } from '../../src/model/manifest.ts';
import { parseJson } from '../../src/model/parse-json.ts';
import { artifactFiles } from '../support/artifact.ts';

const parse = (bytes: Uint8Array) => parseJson(manifestSchema, bytes, 'manifest.json');
const read = (manifest: unknown) => parse(new TextEncoder().encode(JSON.stringify(manifest)));

const first = parse(artifactFiles('v1').get('manifest.json')!);
const scores = { mae: 1, rmse: 1, r2: 0 };
const withKey: Record<string, Manifest> = {
  'data.kind': { ...first, data: { ...first.data, kind: 'survey' } },
  'data.year': { ...first, data: { ...first.data, year: 2024 } },
  'interval.method': { ...first, interval: { ...first.interval, method: 'conformal-quantiles' } },
  'metrics.brackets': { ...first, metrics: { ...first.metrics, brackets: scores } },
};

describe('the format of a manifest', () => {
  test('without newer keys it is savings-model/1, which every released program reads', () => {
    expect(first.format).toBe('savings-model/1');
    expect(formatOf(first)).toBe('savings-model/1');
    expect(read(first)).toEqual(first);
  });

  test.each(Object.keys(withKey))('with %s it is savings-model/2', (path) => {
    const manifest = withKey[path]!;
    expect(formatOf(manifest)).toBe('savings-model/2');
    const second: Manifest = { ...manifest, format: 'savings-model/2' };
    expect(read(second)).toEqual(second);
    expect(() => read(manifest)).toThrow(
      `Cannot read manifest.json: ${path}: is a key of savings-model/2, and the format is savings-model/1.`,
    );
  });

  test('savings-model/2 needs none of its keys', () => {
    expect(read({ ...first, format: 'savings-model/2' }).format).toBe('savings-model/2');
  });

  test.each([
    { kind: 'guess' },
    { year: 1899 },
    { year: 2201 },
    { year: 2024.5 },
    { year: '2024' },
    { kind: null },
    { county: 'x' },
  ])('refuses data with %j', (data) => {
    const changed = { ...first, format: 'savings-model/2', data: { ...first.data, ...data } };
    expect(() => read(changed)).toThrow('Cannot read manifest.json: data');
  });

  test('refuses a format that is not known', () => {
    expect(() => read({ ...first, format: 'savings-model/3' })).toThrow('Cannot read manifest.json: format');
  });
});
