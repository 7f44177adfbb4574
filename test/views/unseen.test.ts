import { describe, expect, test } from 'bun:test';
import type { Warning } from '../../src/model/prediction.ts';
import { formatFor } from '../../src/views/format.ts';
import { unseenInWords, unseenOf } from '../../src/views/unseen.ts';
import { testModel } from '../support/model.ts';

const { manifest } = await testModel();
const format = formatFor('en-IN', 'INR');
const said = (...warnings: Warning[]) => unseenOf(manifest, { warnings }, format);
const words = (...warnings: Warning[]) => unseenInWords(said(...warnings));

describe('what the model has not seen, in words', () => {
  test('is in the unit and the rounding of the page', () => {
    expect(words({ feature: 'income', side: 'below', trained: 1_543.21 })).toBe('Income, below about ₹1,600');
    expect(words({ feature: 'income', side: 'above', trained: 912_345.6 })).toBe(
      'Income, above about ₹9,10,000',
    );
    expect(words({ feature: 'age', side: 'above', trained: 64 })).toBe('Age, above 64');
    expect(words({ feature: 'rentShare', side: 'above', trained: 0.3000012 })).toBe(
      'Rent, above about 30% of income',
    );
    expect(words({ feature: 'remainderShare', side: 'below', trained: -0.142 })).toBe(
      'What is left over, below about -14% of income',
    );
  });

  test('stands beside the input that it is about alone', () => {
    const [rent, left] = said(
      { feature: 'rentShare', side: 'above', trained: 0.3 },
      { feature: 'remainderShare', side: 'above', trained: 0.5 },
    );
    expect([rent.feature, left.feature]).toEqual(['rent', undefined]);
  });

  test('is one line, however much it is', () => {
    const many = ['rent', 'insurance', 'transport', 'utilities', 'education'].map((name) => ({
      feature: `${name}Share`,
      side: 'above' as const,
      trained: 0.1,
    }));
    expect(words(...many)).toBe(
      'Rent, above about 10% of income; Insurance, above about 10% of income; Transport, above about 10% of income; and 2 more',
    );
    expect(words()).toBe('');
  });
});
