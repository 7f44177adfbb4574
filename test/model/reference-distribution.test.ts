import { describe, expect, test } from 'bun:test';
import { AppError } from '../../src/errors.ts';
import {
  checkReferenceDistribution,
  type Reference,
  referenceDistributionSchema,
} from '../../src/model/reference-distribution.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { testModel } from '../support/model.ts';

const FEATURES = [{ name: 'income' }, { name: 'city', choices: ['large', 'small'] }];
const INCOME = { feature: 'income', edges: [10, 20], shares: [0.2, 0.3, 0.5] };
const CITY = { feature: 'city', edges: [], shares: [0.4, 0.6] };

const check = (...features: Reference['features']) =>
  checkReferenceDistribution(
    referenceDistributionSchema.parse({ rows: 10, features }),
    FEATURES,
    'version 1',
  );

describe('checkReferenceDistribution', () => {
  test('takes a bin for every choice, and one more than there are edges', () => {
    expect(() => check(INCOME, CITY)).not.toThrow();
  });

  test.each([
    ['an entry of no feature', [{ ...INCOME, feature: 'outgo' }]],
    ['two entries of a feature', [INCOME, INCOME]],
    ['a share too few', [{ ...INCOME, shares: [0.5, 0.5] }]],
    ['a share too many', [{ ...INCOME, shares: [0.1, 0.2, 0.3, 0.4] }]],
    ['a choice without a share', [{ ...CITY, shares: [1] }]],
    ['a choice with edges', [{ ...CITY, edges: [1] }]],
  ])('refuses %s', (_, features) => {
    expect(() => check(...features)).toThrow(AppError);
    expect(() => check(...features)).toThrow('Cannot use reference.json of version 1: entry');
  });
});

test('a loaded model has the reference of its training data, with every feature of its own', async () => {
  const { reference, manifest } = await testModel();
  expect(reference.features.map(({ feature }) => feature)).toEqual(Object.keys(HOUSEHOLD));
  expect(reference.features).toHaveLength(manifest.features.length);
  expect(reference.rows).toBeGreaterThan(100);
});
