import { describe, expect, test } from 'bun:test';
import { formatFor } from '../../src/views/format.ts';

const rupees = (acceptLanguage?: string) => formatFor(acceptLanguage, 'INR');
/** Intl puts no-break spaces of two kinds between a number and its unit. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe("the reader's format", () => {
  test('groups as the locale does, in the currency of the model', () => {
    expect(rupees('en-IN').money(1_234_567)).toBe('₹12,34,567');
    expect(rupees('en-US').money(1_234_567)).toBe('₹1,234,567');
    expect(plain(rupees('de-DE').money(1_234_567))).toBe('1.234.567 ₹');
    expect(formatFor('en-US', 'EUR').money(5)).toBe('€5');
  });

  test('takes the first language of the header that is known, and English of India otherwise', () => {
    expect(rupees('xx-YY, de;q=0.8').locale).toBe('de');
    expect(rupees('de-ZZ').locale).toBe('de-ZZ');
    for (const header of [undefined, '', '*', 'not a tag!', ',;q=', 'x'.repeat(5_000)]) {
      expect(rupees(header).locale).toBe('en-IN');
    }
  });

  test.each([
    ['de;q=0, en', 'en'],
    ['zh;q=0.5, ja', 'ja'],
    ['fr;q=0.5, de;q=0.9, nl;q=0.9, en;q=0.1', 'de'],
    ['FR;Q=0.2 , DE ; q=0.8', 'de'],
    ['de;q=1.5, fr;q=x, nl;q=0.1', 'nl'],
    ['de, *;q=0.5', 'de'],
    // Whatever there is comes before German, and the same again where there is nothing else.
    ['de;q=0.5, *', 'en-IN'],
    ['xx, *;q=0.5, de;q=0.1', 'en-IN'],
    ['de;q=0', 'en-IN'],
    ['de;q=0.000', 'en-IN'],
    [`${'xx,'.repeat(5_000)}de`, 'en-IN'],
  ])('weighs the languages of %p', (header, locale) => {
    expect(rupees(header).locale).toBe(locale);
  });

  test('writes no minus before a zero', () => {
    const { money, percent, change } = rupees('en-IN');
    expect(money(-0.3)).toBe('₹0');
    expect(percent(-0.0001)).toBe('0.0%');
    expect(change(-0.3)).toBe('₹0');
    expect(rupees('en-IN').compact(-0.04)).toBe('₹0');
    expect(rupees('en-IN').share(-0.004)).toBe('0%');
    expect(rupees('en-IN').number(-1e-9)).toBe('0');
  });

  test('writes a dash where there is no figure', () => {
    const { money, change, compact, percent, share, number } = rupees('en-IN');
    for (const write of [money, change, compact, percent, share, number])
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
        expect(write(value)).toBe('–');
  });

  test('shows the sign of a change', () => {
    expect(rupees('en-IN').change(500)).toBe('+₹500');
    expect(rupees('en-IN').change(-500)).toBe('-₹500');
  });

  test('is short on charts', () => {
    expect(rupees('en-IN').compact(34_500)).toBe('₹34.5K');
    expect(rupees('en-IN').share(0.2)).toBe('20%');
  });

  test('is made once for a locale and a currency', () => {
    expect(rupees('en-IN')).toBe(rupees('en-IN'));
    expect(rupees('en-IN')).not.toBe(formatFor('en-IN', 'EUR'));
  });
});
