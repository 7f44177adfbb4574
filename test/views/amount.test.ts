import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { amountReader, type Reading, rewriteInWords } from '../../src/views/amount.ts';
import { formatFor } from '../../src/views/format.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

/** Each with a currency of its readers: two kinds of groups, four kinds of digits, six of separators. */
const READERS = [
  ['en-IN', 'INR'],
  ['en-US', 'INR'],
  ['hi-IN', 'INR'],
  ['mr-IN', 'INR'],
  ['en-GB', 'GBP'],
  ['de-DE', 'EUR'],
  ['de-AT', 'EUR'],
  ['de-CH', 'CHF'],
  ['fr-FR', 'EUR'],
  ['fr-CH', 'CHF'],
  ['es-ES', 'EUR'],
  ['pt-BR', 'BRL'],
  ['pl-PL', 'PLN'],
  ['sv-SE', 'SEK'],
  ['en-ZA', 'ZAR'],
  ['ja-JP', 'JPY'],
  ['bn-BD', 'BDT'],
  ['ar-EG', 'EGP'],
  ['fa-IR', 'IRR'],
  ['he-IL', 'ILS'],
] as const;

/** What stands between the digits of an amount. */
const groupOfMoney = (money: string) => /(?<=\p{Nd})\P{Nd}(?=\p{Nd})/u.exec(money)?.[0];

const amountOf = (reading: Reading) => reading.amount;
const readingsOf = (reading: Reading) => (reading.amount === undefined ? reading.readings : [reading.amount]);

describe('amounts as people write them', () => {
  test.each([
    ['en-IN', 'INR', '60000', 60_000],
    ['en-IN', 'INR', '60,000', 60_000],
    ['en-IN', 'INR', '1,20,000', 120_000],
    ['en-IN', 'INR', '12,34,567.50', 1_234_567.5],
    ['en-IN', 'INR', '1,200,000', 1_200_000],
    ['en-IN', 'INR', ' 12.50 ', 12.5],
    ['en-IN', 'INR', '0.125', 0.125],
    ['en-IN', 'INR', '50k', 50_000],
    ['en-IN', 'INR', '1e5', 100_000],
    ['en-IN', 'INR', '1.1 K', 1_100],
    ['en-IN', 'INR', '1.5 lakh', 150_000],
    ['en-IN', 'INR', '2 Lakhs', 200_000],
    ['en-IN', 'INR', '1.5L', 150_000],
    ['en-IN', 'INR', '₹1.2 crore', 12_000_000],
    ['en-IN', 'INR', 'Rs. 5,000', 5_000],
    ['en-IN', 'INR', '5000 inr', 5_000],
    ['en-IN', 'INR', '50,000/-', 50_000],
    ['en-IN', 'INR', 'Rs. 50,000 /-', 50_000],
    ['en-IN', 'INR', '-₹5', -5],
    ['en-IN', 'INR', '₹ −5', -5],
    ['en-US', 'INR', '1,20,000', 120_000],
    ['en-US', 'USD', '$12,500', 12_500],
    ['de-DE', 'INR', '60.000', 60_000],
    ['de-DE', 'EUR', '1.234,50 €', 1_234.5],
    ['de-DE', 'EUR', '12,5', 12.5],
    ['de-DE', 'INR', '1,5 lakh', 150_000],
    ['de-CH', 'CHF', 'CHF 1’234.50', 1_234.5],
    ['de-CH', 'CHF', "1'234", 1_234],
    ['fr-FR', 'EUR', '1 200', 1_200],
    ['fr-FR', 'EUR', '1\u202f200,5', 1_200.5],
    ['fr-FR', 'EUR', '1\u00a0200\u00a0€', 1_200],
    ['fr-FR', 'EUR', '12.5', 12.5],
    ['ar-EG', 'EGP', '١٬٢٠٠', 1_200],
    ['sv-SE', 'SEK', '50kr', 50],
    ['en-GB', 'MMK', 'K50', 50],
  ])('for %s and %s, %p is %d', (locale, currency, text, amount) => {
    expect(amountReader(locale, currency)(text)).toEqual({ amount });
  });

  test.each([
    ['en-IN', '1.200', [1.2, 1_200]],
    ['en-IN', '12,5', [12.5, 125]],
    ['en-IN', '1,5k', [1_500, 15_000]],
    ['en-IN', '-12,5', [-125, -12.5]],
    ['en-IN', '1.200.000', [1_200_000]],
    ['en-US', '1.234,50', [1_234.5]],
    ['de-DE', '1,200', [1.2, 1_200]],
    ['de-DE', '12.5', [12.5, 125]],
    ['de-DE', '1 200', [1_200]],
    ['de-CH', '60.000', [60, 60_000]],
    ['de-CH', '60,000', [60, 60_000]],
    ['fr-FR', '1.200', [1.2, 1_200]],
  ])('for %s, %p is refused with its readings', (locale, text, readings) => {
    expect(amountReader(locale, 'INR')(text)).toEqual({ amount: undefined, readings, foreign: false });
  });

  test.each([
    ['5O000', true],
    ['5l', true],
    ['50m', true],
    ['50kk', true],
    ['€5', true],
    ['₹₹5', true],
    ['1e400', true],
    ['0x10', true],
    ['Infinity', true],
    ['5-', true],
    ['1,2,3', false],
    ['1,00,00', false],
    ['1.2.3', false],
    ['12..5', false],
    ['.', false],
    ['', false],
    ['₹', false],
    ['k', false],
  ])('%p is no number', (text, foreign) => {
    expect(amountReader('en-IN', 'INR')(text)).toEqual({ amount: undefined, readings: [], foreign });
  });

  test('lakh and crore are words for rupees alone, a currency for money alone', () => {
    expect(amountOf(amountReader('en-IN', 'USD')('2 lakh'))).toBeUndefined();
    expect(amountOf(amountReader('en-US', 'USD')('1,20,000'))).toBeUndefined();
    expect(amountOf(amountReader('en-IN', undefined)('₹40'))).toBeUndefined();
    expect(amountOf(amountReader('en-GB', 'MMK')('50K'))).toBeUndefined();
  });
});

/** Up to eleven digits before the point, as they are written with decimals. */
const numbers = (mostDecimals: number) =>
  fc
    .tuple(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), fc.nat({ max: mostDecimals }))
    .map(([digits, decimals]) => Number(`${digits}e-${decimals}`) + 0);

describe.each(READERS)(`every number for %s and %s (FUZZ_SEED=${SEED})`, (locale, currency) => {
  const format = formatFor(locale, currency);
  const holds = <T>(values: fc.Arbitrary<T>, property: (value: T) => void) =>
    fc.assert(fc.property(values, property), { seed: SEED, numRuns: RUNS });

  test('is read as Intl writes it, as money or not', () => {
    const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    const ungrouped = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, useGrouping: false });
    const monies = (['symbol', 'narrowSymbol', 'code'] as const).map(
      (currencyDisplay) =>
        new Intl.NumberFormat(locale, {
          style: 'currency',
          currency,
          currencyDisplay,
          minimumFractionDigits: 2,
        }),
    );
    holds(numbers(2), (value) => {
      for (const { format: write } of [plain, ungrouped, ...monies]) {
        expect([write(value), amountOf(format.readMoney(write(value)))]).toEqual([write(value), value]);
      }
      expect(amountOf(format.readNumber(plain.format(value)))).toBe(value);
    });
  });

  test('is read as fields and messages write it, whatever its decimals', () => {
    holds(numbers(8), (value) => {
      for (const text of [format.exact(value), format.typed(value)]) {
        expect([text, amountOf(format.readMoney(text)), amountOf(format.readNumber(text))]).toEqual([
          text,
          value,
          value,
        ]);
      }
    });
  });

  /** Digits and separators as they come: most are no number, many are one of another country. */
  const texts = fc
    .array(fc.constantFrom('0', '1', '2', '12', '345', '000', ',', '.', ' ', "'", '’', '\u202f', ','), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''));

  /** What a text is to somebody who takes this for the decimal separator, and drops every other one. */
  const valuesOf = (text: string) =>
    [',', '.', ''].flatMap((decimal) => {
      const [whole, fraction = '', ...more] = decimal === '' ? [text] : text.split(decimal);
      const digits = `${whole.replace(/\D/g, '')}.${fraction.replace(/\D/g, '')}`;
      return more.length > 0 || !/\d/.test(digits) ? [] : [Number(digits)];
    });

  test('is understood only as what somebody could mean by it', () => {
    holds(texts, (text) => {
      for (const value of readingsOf(format.readMoney(text))) expect(valuesOf(text)).toContain(value);
    });
  });

  test('is refused where three digits may be thousands or decimals', () => {
    const groups = new Set([groupOfMoney(format.exact(1e9)), groupOfMoney(format.money(1e9))]);
    const pair = fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 100, max: 999 }));
    holds(pair, ([whole, three]) => {
      for (const separator of [',', '.']) {
        const reading = format.readMoney(`${whole}${separator}${three}`);
        const either = [Number(`${whole}.${three}`), whole * 1000 + three];
        expect(readingsOf(reading)).toEqual(groups.has(separator) ? either.slice(1) : either);
      }
    });
  });

  test('is offered in a form that is then taken', () => {
    holds(texts, (text) => {
      const reading = format.readMoney(text);
      if (reading.amount !== undefined) return;
      for (const value of reading.readings)
        expect(amountOf(format.readMoney(format.exact(value)))).toBe(value);
      expect(rewriteInWords(reading, format.exact)).toMatch(/^(is it .*\?|please enter .*)/);
    });
  });
});
