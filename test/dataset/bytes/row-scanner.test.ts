import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { RowScanner } from '../../../src/dataset/bytes/row-scanner.ts';
import { InputSchema, NUMBER_TEXT } from '../../../src/model/features.ts';
import type { Feature } from '../../../src/model/manifest.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const RUNS = Number(process.env.FUZZ_RUNS ?? 5_000);

const feature = (kind: Feature['kind'], name: string, more: Partial<Feature> = {}): Feature => ({
  name,
  column: name,
  label: name,
  role: 'other',
  kind,
  group: 'All',
  min: -1e15,
  max: 1e15,
  step: 1,
  default: 0,
  help: '',
  trained: { min: 0, max: 1 },
  ...more,
});

const utf8 = new TextEncoder();

/** What a row of one cell gives: its value, or undefined when the row is left to RowReader. */
function cellValue(text: string, one: Feature): number | undefined {
  const bytes = utf8.encode(`${text}\n`);
  const into = new Float64Array(1);
  const scanner = new RowScanner([one.column], [one]);
  return scanner.read(bytes, 0, bytes.length, into) ? into[0] : undefined;
}

function expectAsParsed(text: string, one: Feature): void {
  const value = cellValue(text, one);
  const parsed = new InputSchema([one]).parseText({ [one.name]: text });
  if (value === undefined) {
    // Only what is rare is left to the long way: refused, or not written as a number is.
    if (parsed.ok && NUMBER_TEXT.test(text)) throw new Error(`${text} takes the long way`);
    return;
  }
  if (!parsed.ok) throw new Error(`${text} is taken for ${value}`);
  const given = parsed.inputs[one.name];
  const expected = typeof given === 'number' ? given : one.choices!.indexOf(given!);
  // Bit for bit, and 0 has no sign.
  expect(Object.is(value, expected)).toBe(true);
}

describe(`a cell read off its bytes (FUZZ_SEED=${SEED})`, () => {
  const digits = (most: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: most });
  const number = fc
    .record({
      sign: fc.constantFrom('', '', '-', '+'),
      whole: digits(20),
      point: fc.constantFrom('', '.'),
      decimals: digits(24),
      exponent: fc.oneof(
        { weight: 4, arbitrary: fc.constant('') },
        fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-', 'E-'), digits(3)).map((parts) => parts.join('')),
      ),
      blanks: fc.tuple(
        ...[0, 1].map(() => fc.constantFrom('', '', '', ' ', '  ', '\t', '\u00a0', '\ufeff', '\u2003')),
      ),
    })
    .map(({ sign, whole, point, decimals, exponent, blanks }) =>
      [blanks[0], sign, whole, point, decimals, exponent, blanks[1]].join(''),
    );

  test('a number of any form is what Number() makes of it, to the last bit', () => {
    fc.assert(
      fc.property(number, fc.constantFrom('number', 'integer'), (text, kind) => {
        expectAsParsed(text, feature(kind, 'x'));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  test('a number as programs write it is what it was', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e15, max: 1e15, noNaN: true }), fc.nat(20), (value, decimals) => {
        expectAsParsed(String(value), feature('number', 'x'));
        expectAsParsed(value.toFixed(decimals), feature('number', 'x'));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  test('bounds are part of the range, and what is beyond them is left to whoever says so', () => {
    const one = feature('number', 'x', { min: 0, max: 100 });
    expect(['0', '-0', '100', '1e2', '100.0000000000000000001'].map((text) => cellValue(text, one))).toEqual([
      0, 0, 100, 100, 100,
    ]);
    for (const text of ['-0.001', '100.001', '1e400', '', ' ', '.', '+', '1,000', '0x10', '1_000', 'NaN'])
      expect(cellValue(text, one)).toBeUndefined();
    for (const text of ['1.5', '1e-1']) expect(cellValue(text, feature('integer', 'x'))).toBeUndefined();
  });

  test('choices are told apart by all of their bytes, and what is refused as a choice is not taken', () => {
    const choices = [
      'Tier_1',
      'Tier_2',
      'tier_2',
      'Élevé',
      'Eleve',
      '-5',
      '=A1',
      'a,b',
      ' blank',
      '₹',
      'x"y',
      '😀',
    ];
    const one = feature('choice', 'x', { choices, min: 0, max: choices.length - 1, default: 'Tier_1' });
    const text = fc.oneof(
      fc.constantFrom(...choices, 'Tier_3', 'Tier_', 'Tier_11', ''),
      fc.constantFrom(...choices).chain((choice) => fc.mixedCase(fc.constant(choice))),
    );
    const blank = fc.constantFrom('', '', ' ', '  ', '\t', '\u00a0');
    fc.assert(
      fc.property(blank, text, blank, (before, middle, after) => {
        expectAsParsed(before + middle + after, one);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(cellValue(' Élevé ', one)).toBe(3);
    expect(cellValue('=A1', one)).toBeUndefined();
  });
});
