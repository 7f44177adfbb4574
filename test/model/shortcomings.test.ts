import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Manifest } from '../../src/model/manifest.ts';
import { bracketsName, noBetterThanBrackets, shortcomingsOf } from '../../src/model/shortcomings.ts';
import { testArtifact } from '../support/model.ts';

const { manifest: good } = await testArtifact();
const MEAN = { mae: 4000, rmse: 7000, r2: 0 };
const LINEAR = { mae: 1400, rmse: 2300, r2: 0.9 };

function found(model: Manifest['metrics']['model'], holdoutRows = 1000, linear = LINEAR): string {
  const trainer = { ...good.trainer, holdoutRows };
  return shortcomingsOf({ ...good, trainer, metrics: { model, mean: MEAN, linear } }).join('; ');
}

describe('shortcomingsOf', () => {
  test('a good model has none', () => {
    expect(shortcomingsOf(good)).toEqual([]);
  });

  test('names the figures of a model that is no better than the mean, by either score', () => {
    const told = 'it is no better than always answering the mean';
    const linear = { mae: 9000, rmse: 9000, r2: -1 };
    expect(found({ mae: 5926.4, rmse: 7500, r2: -0.148 }, 1000, linear)).toBe(
      `${told}: a mean absolute error of 5,926.4 ₹/month (R2 -0.148) against 4,000 ₹/month (R2 0.000)`,
    );
    expect(found({ ...MEAN, mae: 3000 }, 1000, linear)).toStartWith(told);
    expect(found(MEAN, 1000, linear)).toStartWith(told);
    expect(found({ mae: 3999, rmse: 6999, r2: 0.0001 }, 1000, linear)).toBe('');
  });

  test('a model worse than the regression by what could be chance passes, and by more does not', () => {
    const worse = { mae: 1500, rmse: 2400, r2: 0.88 };
    expect(found(worse, 200)).toBe('');
    expect(found(worse, 100_000)).toStartWith('it is worse than a linear regression on the same inputs');
    expect(found({ mae: 1868, rmse: 5000, r2: 0.6 }, 180)).toBe('');
    expect(found({ mae: 3500, rmse: 5000, r2: 0.6 }, 180)).toStartWith('it is worse than a linear');
  });

  test('is not taken in by rounding where both hit everything', () => {
    const exact = (mae: number) => ({ mae, rmse: mae, r2: 1 });
    expect(found(exact(2e-12), 1000, exact(1e-12))).toBe('');
  });

  test('a model that beats both by anything has none, whatever the rows', () => {
    const share = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.nat(1e6), (mae, rmse, rows) => {
        expect(found({ mae: mae * LINEAR.mae, rmse: rmse * MEAN.rmse, r2: 0 }, rows)).toBe('');
      }),
    );
  });

  test('remembers what was accepted when it was made', () => {
    const options = { ...good.trainer.options, acceptedWorse: true };
    expect(shortcomingsOf({ ...good, trainer: { ...good.trainer, options } })).toEqual([
      expect.stringContaining('--accept-worse'),
    ]);
  });
});

describe('noBetterThanBrackets', () => {
  const BRACKETS = { mae: 540, rmse: 1150, r2: 0.976 };
  const told = (model: Manifest['metrics']['model'], holdoutRows = 100_000) =>
    noBetterThanBrackets({
      ...good,
      trainer: { ...good.trainer, holdoutRows },
      metrics: { model, mean: MEAN, linear: LINEAR, brackets: BRACKETS },
    });

  test('says which it is, with the figures', () => {
    expect(told({ mae: 700, rmse: 1300, r2: 0.97 })).toBe(
      'It is no better than rates by income bracket, capped: a mean absolute error of 700 ₹/month (R2 0.970) against 540 ₹/month (R2 0.976).',
    );
    expect(told({ mae: 545, rmse: 1160, r2: 0.975 })).toStartWith(
      'It is about as good as rates by income bracket',
    );
    expect(told(BRACKETS)).toStartWith('It is about as good as');
    expect(told({ mae: 538, rmse: 1150, r2: 0.976 })).toStartWith('It is about as good as');
  });

  test('says nothing of a model that is better by more than chance', () => {
    const better = { mae: 440, rmse: 1000, r2: 0.98 };
    expect(told(better)).toBeUndefined();
    expect(told(better, 100)).toStartWith('It is about as good as');
  });

  test('says nothing where nobody measured', () => {
    const { brackets: _, ...metrics } = good.metrics;
    expect(noBetterThanBrackets({ ...good, metrics })).toBeUndefined();
  });

  test('the baseline has the name of what it is', () => {
    const { clamp: _, ...target } = good.target;
    expect(bracketsName(good.target)).toBe('rates by income bracket, capped');
    expect(bracketsName(target)).toBe('rates by income bracket');
    expect(bracketsName({ ...target, transform: 'identity' })).toBe('amounts by income bracket');
  });
});
