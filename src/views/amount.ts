/** What a text says as a number. Without an amount it is refused: nothing is guessed. */
export type Reading =
  | { amount: number }
  | {
      amount: undefined;
      /** What it may have been meant as, least first: none, one that is written otherwise here, or several. */
      readings: readonly number[];
      /** Whether it holds anything beside digits and separators, such as a letter among the digits. */
      foreign: boolean;
    };

/** Reads numbers as one reader writes them. */
export type AmountReader = (text: string) => Reading;

/** Two characters that belong together: `,` and `.` in 1,234.5. */
type Separators = readonly [group: string, decimal: string];

/** Says how to write what could not be read; `write` writes a number so that it is read back. */
export function rewriteInWords(reading: Reading, write: (value: number) => string): string {
  if (reading.amount !== undefined) return '';
  const { readings, foreign } = reading;
  if (readings.length > 0) {
    const what = readings.length > 1 ? 'the one that you mean' : 'it that way';
    return `is it ${readings.map(write).join(' or ')}? Please write ${what}.`;
  }
  if (foreign) return 'please enter a number: there is a letter or a sign in it that is no part of one.';
  return `please enter a number, plain or with its separators as in ${write(SAMPLE)}.`;
}

/** Every way in which people write a number: what reads differently by two of them is understood as neither. */
const ANYWHERE: readonly Separators[] = [
  [',', '.'],
  ['.', ','],
  [' ', '.'],
  [' ', ','],
  ["'", '.'],
  ["'", ','],
];

/** Powers of ten by the words behind a number. M is left out: a thousand to some, a million to others. */
const SCALES: ReadonlyMap<string, number> = new Map([
  ['k', 3],
  ['K', 3],
]);

/** A small l is left out: it may be a mistyped 1. */
const INDIAN_SCALES: ReadonlyMap<string, number> = new Map([
  ...SCALES,
  ...['L', 'lakh', 'lakhs', 'lac', 'lacs'].map((word) => [word, 5] as const),
  ...['cr', 'crore', 'crores'].map((word) => [word, 7] as const),
]);

/**
 * The rule by which the page's fields are read. A number is taken when it is written with the separators of the
 * reader's locale, in whole groups, and is no number of another size to readers elsewhere: 12,500 is taken in English,
 * and 1.200 is not, since it is 1,200 to half of the world. A `k` behind it is a thousand. On amounts of money the
 * currency's sign or code may stand at either end, and rupees may be in lakh and crore, or end in /- as on a cheque.
 *
 * @param currency the code of the amount's currency; undefined for what is no money
 */
export function amountReader(locale: string, currency: string | undefined): AmountReader {
  const formats = [new Intl.NumberFormat(locale)];
  if (currency !== undefined) formats.push(new Intl.NumberFormat(locale, { style: 'currency', currency }));
  const here = separatorsOf(formats);
  const groups = here.map(([group]) => group).filter((group) => group !== '');
  const known = new Set([...here, ...ANYWHERE].flat());
  // Rupees are grouped in lakh by their readers, whatever the language of their browser.
  const lakh = currency === 'INR' || groupsInLakh(formats[0]);
  const digits = digitsOf(locale);
  const signs = currency === undefined ? [] : signsOf(locale, currency);
  // Where K is the currency, 50K would have two meanings.
  const scales = currency === 'INR' ? INDIAN_SCALES : signs.includes('k') ? new Map() : SCALES;

  return (given) => {
    // Nearly every field holds such a one.
    if (/^\d{1,15}$/.test(given)) return { amount: Number(given) };
    if (given.length > MOST_CHARACTERS) return { amount: undefined, readings: [], foreign: false };
    const written = clean(given, digits);
    // Behind rupees it says that no paise follow.
    const text = currency === 'INR' ? written.replace(/ ?\/-$/, '') : written;
    // As programs write it; people see beside it what it comes to.
    if (EXPONENT.test(text) && Number.isFinite(Number(text))) return { amount: Number(text) + 0 };
    const bare = withoutSign(text, signs);
    const minus = bare.startsWith('-') ? '-' : '';
    const unsigned = bare.replace(/^[-+] ?/, '');
    const [, number, word] = SCALED.exec(bare === text ? withoutSign(unsigned, signs) : unsigned) ?? [];
    const power = word
      ? (scales.get(word) ?? (word.length > 1 ? scales.get(word.toLowerCase()) : undefined))
      : 0;
    const foreign = power === undefined || [...number].some((char) => !/\d/.test(char) && !known.has(char));
    if (foreign || !/\d/.test(number)) return { amount: undefined, readings: [], foreign };

    // By its text, since 1.1 times 1000 is not 1100. Adding 0 turns -0 into 0.
    const scaled = (decimal: string) => Number(`${minus}${decimal}e${power}`) + 0;
    const local = valuesOf(number, here, lakh);
    const grouped = groups.some((group) => number.includes(group));
    if (grouped && local.size === 1) return { amount: scaled([...local][0]) };
    const all = valuesOf(number, [...here, ...ANYWHERE], true);
    const separators = number.match(/\D/g) ?? [];
    // One separator that stands where no group ends, as in 12,5, may be a slip.
    if (local.size === 0 && separators.length === 1 && groups.includes(separators[0])) {
      all.add(canonical(number.replace(separators[0], ''), ''));
    }
    const readings = [...all].map(scaled).sort((a, b) => a - b);
    const isPlain = local.size > 0 || /^\d*\.?\d*$/.test(number);
    return isPlain && readings.length === 1
      ? { amount: readings[0] }
      : { amount: undefined, readings, foreign };
  };
}

/** Longer than any amount, and short enough that no search takes long. */
const MOST_CHARACTERS = 64;

const EXPONENT = /^[+-]?(\d+\.?\d*|\.\d+)e[+-]?\d+$/i;

/** A number and the word behind it. */
const SCALED = /^(.*?) ?(\p{L}*)$/su;

/** Spaces, apostrophes, minuses and digits of any kind as those of ASCII, without marks of the writing direction. */
function clean(text: string, digits: readonly string[] = ['0']): string {
  let ascii = text.replace(/[\u061C\u200E\u200F]/g, '');
  if (digits[0] !== '0') {
    for (const [value, digit] of digits.entries()) ascii = ascii.replaceAll(digit, String(value));
  }
  return ascii
    .replace(/\s+/g, ' ')
    .replace(/[’‘ʼ＇]/g, "'")
    .replace(/[−‒–]/g, '-')
    .trim();
}

/** @param signs in lower case */
function withoutSign(text: string, signs: readonly string[]): string {
  const lower = text.toLowerCase();
  for (const sign of signs) {
    if (lower.startsWith(sign)) return text.slice(sign.length).trim();
    if (lower.endsWith(sign) && sign !== 'k') return text.slice(0, -sign.length).trim();
  }
  return text;
}

/** Every value that a text of digits and separators has by any of these separators, as plain decimals. */
function valuesOf(text: string, separators: readonly Separators[], lakh: boolean): Set<string> {
  const values = new Set<string>();
  for (const [group, decimal] of separators) {
    const [whole, fraction = '', ...more] = text.split(decimal);
    const digits = group !== '' && isGrouped(whole.split(group), lakh) ? whole.replaceAll(group, '') : whole;
    if (more.length === 0 && /^\d*$/.test(digits + fraction)) values.add(canonical(digits, fraction));
  }
  return values;
}

/** Whether digits are in whole groups: of three, or of two before the last three. */
function isGrouped(groups: readonly string[], lakh: boolean): boolean {
  const written = groups.join(',');
  if (/^[1-9]\d{0,2}(,\d{3})+$/.test(written)) return true;
  return lakh && /^[1-9]\d?(,\d{2})*,\d{3}$/.test(written);
}

/** So that a value has one text: 007.50 as 7.5. */
function canonical(whole: string, fraction: string): string {
  return `${whole.replace(/^0+/, '') || '0'}.${fraction.replace(/0+$/, '')}`;
}

const SAMPLE = 1_234_567.5;

function separatorsOf(formats: readonly Intl.NumberFormat[]): Separators[] {
  const characters = (type: 'group' | 'decimal') =>
    formats.map((format) => {
      const value = format.formatToParts(SAMPLE).find((part) => part.type === type)?.value ?? '';
      return clean(value) || value.replace(/\s/, ' ');
    });
  // Yen have none.
  const decimals = new Set(characters('decimal').filter((decimal) => decimal !== ''));
  return [...new Set(characters('group'))].flatMap((group) =>
    [...decimals].map((decimal) => [group, decimal] as const),
  );
}

function groupsInLakh(format: Intl.NumberFormat): boolean {
  const groups = format.formatToParts(SAMPLE).filter(({ type }) => type === 'integer');
  return groups.length === 3 && groups[1].value.length === 2;
}

function digitsOf(locale: string): string[] {
  const { format } = new Intl.NumberFormat(locale, { useGrouping: false });
  return Array.from({ length: 10 }, (_, digit) => format(digit));
}

/** How a currency is written, in lower case, the longest first. */
function signsOf(locale: string, currency: string): string[] {
  const signs = [currency, ...(currency === 'INR' ? ['Rs.', 'Rs'] : [])];
  for (const currencyDisplay of ['symbol', 'narrowSymbol'] as const) {
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay });
    signs.push(format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? '');
  }
  return signs
    .map((sign) => clean(sign).toLowerCase())
    .filter((sign) => sign !== '')
    .sort((a, b) => b.length - a.length);
}
