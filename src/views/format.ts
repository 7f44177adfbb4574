import { qualityValues } from '../quality-values.ts';
import { type AmountReader, amountReader } from './amount.ts';

/**
 * How numbers are written for one reader: their locale, the model's currency. Where what a model predicts is no money, what
 * is said here of amounts is of its figures.
 */
export interface Format {
  readonly locale: string;
  /** An amount as `money` rounds it. */
  rounded(amount: number): number;
  /** A rounded amount: ₹12,34,567. */
  money(amount: number): string;
  /** The same with its sign, plus included: +₹500. */
  change(amount: number): string;
  /** An amount in as little room as there is on a chart: ₹1.2L. */
  compact(amount: number): string;
  /** An amount that may be too small for `money`: two digits at least. */
  small(amount: number): string;
  /** A share as a percentage with one decimal: 12.5%. */
  percent(share: number): string;
  /** A share that is round anyway: 20%. */
  share(share: number): string;
  /** An amount in two digits, no further than the amount itself: ₹280 for 284 from above, ₹290 from below. */
  about(amount: number, side: 'below' | 'above'): string;
  /** A plain number, grouped. */
  number(value: number): string;
  /** All digits of a number, grouped, in a form that is read back as the same number. */
  exact(value: number): string;
  /** The same without groups, as it is easy to change in a field. */
  typed(value: number): string;
  /** An amount with all its digits: ₹1,234.56. */
  exactMoney(amount: number): string;
  /** What was typed as an amount of the currency. */
  readonly readMoney: AmountReader;
  /** What was typed as a number that is no money. */
  readonly readNumber: AmountReader;
  date(value: Date): string;
  /** Names, as the page's sentences join them: a, b and c. */
  list(names: readonly string[]): string;
  /** The name of a country by its ISO 3166 code, in English as the sentences around it. */
  country(code: string): string;
}

/** A currency by its name, in the language of the page's sentences: Indian Rupee (INR). */
export function currencyName(code: string): string {
  const name = CURRENCIES.of(code);
  return name === undefined || name === code ? code : `${name} (${code})`;
}

const CURRENCIES = new Intl.DisplayNames('en', { type: 'currency' });

const FALLBACK_LOCALE = 'en-IN';
const formats = new Map<string, Format>();
/** Readers choose the locale, so what is kept for them is bounded. */
const MOST_FORMATS = 64;

/**
 * @param acceptLanguage the header as it came: the language of most weight that is known here is taken
 * @param currency undefined where what is predicted is no money
 * @param decimals of what is predicted
 */
export function formatFor(
  acceptLanguage: string | undefined,
  currency: string | undefined,
  decimals = 0,
): Format {
  const locale = localeOf(acceptLanguage);
  const key = `${locale} ${currency} ${decimals}`;
  let format = formats.get(key);
  if (format === undefined) {
    if (formats.size >= MOST_FORMATS) formats.clear();
    format = createFormat(locale, currency, decimals);
    formats.set(key, format);
  }
  return format;
}

function localeOf(acceptLanguage: string | undefined): string {
  for (const [tag, weight] of qualityValues(acceptLanguage)) {
    if (tag === '*' || weight === 0) break;
    try {
      const [known] = Intl.NumberFormat.supportedLocalesOf(tag);
      if (known !== undefined) return known;
    } catch {
      // Not a language tag: the next one may be.
    }
  }
  return FALLBACK_LOCALE;
}

/** The page's sentences are English whatever the reader's numbers look like. */
const LIST = new Intl.ListFormat('en-GB', { type: 'conjunction' });

const COUNTRIES = new Intl.DisplayNames('en-GB', { type: 'region' });

/** What is nearer to 0 is what arithmetic left of it. */
const NOISE = 1e-6;

/** What stands where there is no figure, such as a share of nothing. */
const NO_FIGURE = '–';

/** Never a minus before a zero, nor a sign of what is no number. */
function formatter(locale: string, options: Intl.NumberFormatOptions): (value: number) => string {
  const format = new Intl.NumberFormat(locale, { signDisplay: 'negative', ...options });
  return (value) => (Number.isFinite(value) ? format.format(value) : NO_FIGURE);
}

function createFormat(locale: string, currency: string | undefined, decimals: number): Format {
  const style = currency === undefined ? {} : ({ style: 'currency', currency } as const);
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const money = formatter(locale, { ...style, ...digits });
  const change = formatter(locale, { ...style, ...digits, signDisplay: 'exceptZero' });
  const compact = formatter(locale, {
    ...style,
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: Math.max(1, decimals),
  });
  const power = 10 ** decimals;
  const rounded = (amount: number) => Math.round(amount * power) / power;
  const share = formatter(locale, { style: 'percent', maximumFractionDigits: 0 });
  const percent = formatter(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const twoDigits = { ...style, maximumSignificantDigits: 2 } as const;
  const small = formatter(locale, twoDigits);
  const about = {
    below: formatter(locale, { ...twoDigits, roundingMode: 'ceil' }),
    above: formatter(locale, { ...twoDigits, roundingMode: 'floor' }),
  };
  const usual = formatter(locale, { maximumFractionDigits: 2 });
  const tiny = formatter(locale, { maximumSignificantDigits: 2 });
  const exact = { maximumFractionDigits: 20, signDisplay: 'negative' } as const;
  /** Three decimals alone would also be a group of thousands (see amount.ts): they get a fourth. */
  const exactly = (options: Intl.NumberFormatOptions) => {
    const plain = new Intl.NumberFormat(locale, { ...exact, ...options });
    const four = new Intl.NumberFormat(locale, { ...exact, ...options, minimumFractionDigits: 4 });
    return (value: number) => (/\.\d{3}$/.test(String(value)) ? four : plain).format(value);
  };
  const exactMoney = new Intl.NumberFormat(locale, { ...style, minimumFractionDigits: 0, ...exact });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  return {
    locale,
    rounded,
    money: (amount) => money(rounded(amount)),
    change: (amount) => change(rounded(amount)),
    compact,
    small: (amount) => (Math.abs(amount) < 10 / power ? small(amount) : money(rounded(amount))),
    share,
    about: (amount, side) => about[side](rounded(amount)),
    percent: (part) => percent(Math.round(part * 1000) / 1000),
    number: (value) => (Math.abs(value) < 0.01 && Math.abs(value) >= NOISE ? tiny : usual)(value),
    exact: exactly({}),
    typed: exactly({ useGrouping: false }),
    exactMoney: (amount) => exactMoney.format(amount),
    readMoney: amountReader(locale, currency),
    readNumber: amountReader(locale, undefined),
    date: (value) => date.format(value),
    list: (names) => LIST.format(names),
    country: (code) => COUNTRIES.of(code) ?? code,
  };
}
