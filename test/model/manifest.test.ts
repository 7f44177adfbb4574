import { describe, expect, test } from 'bun:test';
import { type Derived, type Manifest, manifestSchema, type Rule } from '../../src/model/manifest.ts';
import { formatOf } from '../../src/model/manifest-format.ts';
import { parseJson } from '../../src/model/parse-json.ts';
import { artifactFiles } from '../support/artifact.ts';

const parse = (bytes: Uint8Array) => parseJson(manifestSchema, bytes, 'manifest.json');
const read = (manifest: unknown) => parse(new TextEncoder().encode(JSON.stringify(manifest)));

const plain = parse(artifactFiles('v1').get('manifest.json')!);
const expense = 'rent';
const rent = { ...plain.features[0], name: expense, column: expense, role: 'expense' as const };
const first: Manifest = { ...plain, features: [...plain.features, rent] };
const rule: Rule = {
  label: 'Housing',
  of: { expenses: [expense] },
  direction: 'at most',
  limit: 0.3,
  source: { name: 'A book', year: 1999, country: 'DE' },
};
const scores = { mae: 1, rmse: 1, r2: 0 };
const defaults = Object.fromEntries(first.features.map((feature) => [feature.name, feature.default]));
const withKey: Record<string, Manifest> = {
  examples: { ...first, examples: [{ label: 'One', inputs: defaults }] },
  'data.kind': { ...first, data: { ...first.data, kind: 'survey' } },
  'data.year': { ...first, data: { ...first.data, year: 2024 } },
  'interval.method': { ...first, interval: { ...first.interval, method: 'conformal-quantiles' } },
  'trainer.method': {
    ...first,
    trainer: { ...first.trainer, method: { name: 'histogram', chosenBy: 'rows' } },
  },
  'metrics.brackets': { ...first, metrics: { ...first.metrics, brackets: scores } },
  'derived.0.trained': {
    ...first,
    derived: [
      { name: 'all', label: 'All', op: 'share', of: 'income', by: 'income', trained: { min: 1, max: 1 } },
    ],
  },
  rules: { ...first, rules: [rule] },
  'features.1.discretionary': { ...plain, features: [...plain.features, { ...rent, discretionary: false }] },
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

describe('currency and period', () => {
  const without = (key: 'currency' | 'period', ...more: ('currency' | 'period')[]): Manifest => {
    const target = { ...first.target };
    for (const left of [key, ...more]) delete target[left];
    const features = first.features.map((feature) => ({ ...feature, role: 'other' as const }));
    return { ...first, format: 'savings-model/2', features, target };
  };

  test('may be left out where nothing is money, or does not come again', () => {
    for (const manifest of [without('period'), without('currency', 'period')]) {
      expect(read(manifest)).toEqual(manifest);
      expect(formatOf(manifest)).toBe('savings-model/2');
      expect(() => read({ ...manifest, format: 'savings-model/1' })).toThrow('target.period');
    }
  });

  test('are needed by an income or expense, and a period by no figure but money', () => {
    const roles = { features: first.features };
    expect(() => read({ ...without('currency', 'period'), ...roles })).toThrow(
      'target.currency: is needed where a feature is an income or expense',
    );
    expect(() => read({ ...without('period'), ...roles })).toThrow('target.period: is needed where');
    expect(() => read(without('currency'))).toThrow('target.period: belongs to amounts of money');
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

  const saving: Rule = { ...rule, of: { leftOver: true }, direction: 'at least' };
  test('takes rules of other expenses, of what is left over, and in the other direction', () => {
    const rules = [rule, saving, { ...rule, direction: 'at least', limit: 0.1 }];
    expect(read({ ...first, format: 'savings-model/2', rules }).rules).toHaveLength(3);
  });

  test.each([
    [
      'an expense that is none',
      { of: { expenses: ['income'] } },
      'rules.0.of.expenses.0: refers to no expense',
    ],
    ['a name of nothing', { of: { expenses: ['nothing'] } }, 'rules.0.of.expenses.0: refers to no expense'],
    ['an expense twice', { of: { expenses: [expense, expense] } }, 'rules.0.of.expenses.1: is named twice'],
    ['no expense', { of: { expenses: [] } }, 'rules.0.of'],
    ['both', { of: { expenses: [expense], leftOver: true } }, 'rules.0.of'],
    ['no direction', { direction: 'below' }, 'rules.0.direction'],
    ['a limit of 30', { limit: 30 }, 'rules.0.limit'],
    ['a limit of nothing', { limit: 0 }, 'rules.0.limit'],
    ['a country by its name', { source: { ...rule.source, country: 'Germany' } }, 'rules.0.source.country'],
    ['a source without a year', { source: { name: 'A book', country: 'DE' } }, 'rules.0.source.year'],
    ['a key of its own', { colour: 'red' }, 'rules.0'],
  ])('refuses a rule with %s', (_, changes, fault) => {
    const rules = [{ ...rule, ...changes }];
    expect(() => read({ ...first, format: 'savings-model/2', rules })).toThrow(
      `Cannot read manifest.json: ${fault}`,
    );
  });

  test('refuses the same rule twice, and who can fall of what is no expense', () => {
    const second = { ...first, format: 'savings-model/2' };
    expect(() => read({ ...second, rules: [rule, saving, { ...rule, limit: 0.4 }] })).toThrow(
      'rules.2: is of the same, in the same direction, as an earlier rule',
    );
    const features = [{ ...plain.features[0], discretionary: true }];
    expect(() => read({ ...second, features })).toThrow('only an expense can be discretionary');
  });

  const [feature] = first.features;
  test.each([
    [[]],
    [[{ label: 'One', inputs: {} }]],
    [[{ label: 'One', inputs: { ...defaults, another: 1 } }]],
    [[{ label: 'One', inputs: { ...defaults, [feature!.name]: feature!.max + 1 } }]],
    [
      [
        { label: 'One', inputs: defaults },
        { label: 'One', inputs: defaults },
      ],
    ],
  ])('refuses examples that no form could hold: %j', (examples) => {
    expect(() => read({ ...first, format: 'savings-model/2', examples })).toThrow(
      'Cannot read manifest.json: examples',
    );
  });

  test('refuses a format that is not known', () => {
    expect(() => read({ ...first, format: 'savings-model/3' })).toThrow('Cannot read manifest.json: format');
  });
});
