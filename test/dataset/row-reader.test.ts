import { describe, expect, test } from 'bun:test';
import { RowReader } from '../../src/dataset/row-reader.ts';
import { InputSchema } from '../../src/model/features.ts';
import { featureSchema } from '../../src/model/manifest.ts';

const feature = (name: string, column: string, more: object) =>
  featureSchema.parse({
    name,
    column,
    label: `The ${name}`,
    role: name === 'income' ? 'income' : 'other',
    group: 'All',
    min: 0,
    max: 100,
    step: 1,
    default: 1,
    help: '',
    kind: 'number',
    trained: { min: 0, max: 100 },
    ...more,
  });
const inputs = new InputSchema([
  feature('income', 'Income', { min: 1 }),
  feature('age', 'Age', { kind: 'integer' }),
  feature('city', 'City', { kind: 'choice', choices: ['small', 'large'], default: 'small', max: 1 }),
]);

const header = (fields: string[]) => ({ line: 1, fields });
const reader = new RowReader(header(['City', 'Note', 'Age ', 'Income', 'Saved']), inputs, {
  of: 'Saved',
  minus: [],
});
const read = (...fields: string[]) => reader.read({ line: 7, fields });

describe('RowReader', () => {
  test('finds columns by name in any order, and lets others be', () => {
    expect(read('large', 'whatever', ' 40', '5e1', '-2.5')).toEqual({
      ok: true,
      inputs: { income: 50, age: 40, city: 'large' },
      target: -2.5,
      weight: 1,
    });
  });

  test.each([
    [['small', '', '40', '', '1'], 'column Income: please enter a number from 1 to 100.'],
    [['small', '', '40', '0', '1'], 'column Income: please enter at least 1.'],
    [['small', '', '40.5', '5', '1'], 'column Age: please enter a whole number from 0 to 100.'],
    [['huge', '', '40', '5', '1'], 'column City: please enter one of small, large.'],
    [
      ['small', '', '40', '1,5', '1'],
      'column Income: please enter a number from 1 to 100, without separators and with a point before decimals, such as 1234.5.',
    ],
    [['small', '', '40', 'Infinity', '1'], 'column Income: please enter a number from 1 to 100.'],
    [['small', '', '40', '0x10', '1'], 'column Income: please enter a number from 1 to 100.'],
    [
      ['small', '', '40', '5', '21,849.42'],
      'column Saved: please enter a number, without separators and with a point before decimals, such as 1234.5.',
    ],
    [['small', '', '40', '5', ''], 'column Saved: please enter a number.'],
    [['small', '', '40', '5', '1e999'], 'column Saved: please enter a number.'],
    [['small', '', '40', '5'], 'has 4 fields where the header has 5'],
    [['small', '', '40', '5', '1', ''], 'has 6 fields where the header has 5'],
  ])('says what is wrong with %j', (fields, message) => {
    expect(read(...fields)).toMatchObject({ ok: false, fault: { line: 7, message } });
  });

  test('names every bad column of a row at once', () => {
    const row = read('small', '', 'x', '500', 'y');
    expect(row).toMatchObject({
      fault: {
        message:
          'column Income: please enter at most 100. column Age: please enter a whole number from 0 to 100. column Saved: please enter a number.',
      },
    });
  });

  test('never repeats what a row holds', () => {
    const row = read('secret-city', 'secret', 'secret-age', 'secret-income', 'secret-target');
    expect(JSON.stringify(row)).not.toContain('secret');
  });

  test('passes on a fault of form', () => {
    expect(reader.read({ line: 9, fields: [], fault: 'has a quote that is never closed' })).toEqual({
      ok: false,
      fault: { line: 9, message: 'has a quote that is never closed' },
    });
  });

  test('asks for no target where there is none to read', () => {
    const scoring = new RowReader(header(['Income', 'Age', 'City']), inputs);
    expect(scoring.read({ line: 2, fields: ['5', '6', 'small'] })).toMatchObject({ ok: true });
  });

  test.each([
    [['Income', 'Saved'], 'has no column Age, City.'],
    [['Income', 'Age', 'City', 'Saved', 'Age', 'Other', 'Other'], 'has more than one column Age.'],
    [['Income', 'Income', 'income'], 'has no column Age, City, Saved, and has more than one column Income.'],
  ])('refuses the header %j', (fields, message) => {
    expect(() => new RowReader(header(fields), inputs, { of: 'Saved', minus: [] })).toThrow(
      `Cannot read the CSV: its header ${message}`,
    );
  });

  test('refuses an empty file and a broken header', () => {
    expect(() => new RowReader(undefined, inputs)).toThrow('Cannot read the CSV: it is empty.');
    const broken = { line: 1, fields: [], fault: 'has a quote that is never closed' };
    expect(() => new RowReader(broken, inputs)).toThrow('its header has a quote that is never closed.');
  });
});
