import { describe, expect, test } from 'bun:test';
import { type Derived, formatOf, type Manifest, manifestSchema } from '../../src/model/manifest.ts';
import { parseJson } from '../../src/model/parse-json.ts';
import { artifactFiles } from '../support/artifact.ts';

const parse = (bytes: Uint8Array) => parseJson(manifestSchema, bytes, 'manifest.json');
const read = (manifest: unknown) => parse(new TextEncoder().encode(JSON.stringify(manifest)));

const first = parse(artifactFiles('v1').get('manifest.json')!);
const scores = { mae: 1, rmse: 1, r2: 0 };
const withKey: Record<string, Manifest> = {
  'data.kind': { ...first, data: { ...first.data, kind: 'survey' } },
  'data.year': { ...first, data: { ...first.data, year: 2024 } },
  'metrics.brackets': { ...first, metrics: { ...first.metrics, brackets: scores } },
  'target.computed': {
    ...first,
    target: { ...first.target, computed: { of: 'Income', minus: ['Rent', 'Food'] } },
  },
};
const [earlier] = first.features.filter(({ kind }) => kind !== 'choice').map(({ name }) => name);
const deriving = (column: object): Manifest => ({
  ...first,
  derived: [{ name: 'made', label: 'Made', ...column } as Derived],
  encoding: first.encoding.filter((one) => !('derived' in one)),
  target: { ...first.target, clamp: undefined } as Manifest['target'],
});
const withValue: Record<string, Manifest> = {
  'target.period': { ...first, target: { ...first.target, period: 'week' } },
  features: {
    ...first,
    features: first.features.map((feature) =>
      feature.role === 'income' ? { ...feature, role: 'other' } : feature,
    ),
  },
  'trainer.rows': { ...first, trainer: (({ rows: _, ...trainer }) => trainer)(first.trainer) },
  'derived.0.op': deriving({ op: 'ratio', of: earlier, by: earlier }),
};

describe('derived columns', () => {
  test.each([
    { op: 'sum', of: [earlier, earlier] },
    { op: 'difference', of: earlier, minus: earlier },
    { op: 'ratio', of: earlier, by: earlier },
  ])('are %j', (column) => {
    const manifest = { ...deriving(column), format: 'savings-model/2' };
    expect(read(manifest).derived[0]).toMatchObject(column);
    const spoiled = JSON.stringify(column).replace(`"${earlier}"`, '"nothing"');
    expect(() =>
      read({ ...manifest, derived: [{ ...manifest.derived[0], ...JSON.parse(spoiled) }] }),
    ).toThrow('derived.0: refers to no earlier number');
  });
});

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

  test.each(Object.keys(withValue))('with such a value of %s it is savings-model/2', (path) => {
    const manifest = withValue[path]!;
    expect(formatOf(manifest)).toBe('savings-model/2');
    const second: Manifest = { ...manifest, format: 'savings-model/2' };
    expect(read(second)).toEqual(second);
    expect(() => read(manifest)).toThrow(
      `Cannot read manifest.json: ${path}: is as savings-model/2 alone has it, and the format is savings-model/1.`,
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
