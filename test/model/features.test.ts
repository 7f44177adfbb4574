import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { InputSchema } from '../../src/model/features.ts';
import type { Feature } from '../../src/model/manifest.ts';

const feature = (own: Partial<Feature> & { name: string }): Feature => ({
  column: own.name,
  label: own.name,
  role: 'other',
  kind: 'number',
  group: 'g',
  min: 0,
  max: 100,
  step: 1,
  default: 0,
  help: '',
  trained: { min: 0, max: 100 },
  ...own,
});

const FEATURES = [
  feature({ name: 'income', role: 'income', min: 1 }),
  feature({ name: 'rent', role: 'expense' }),
  feature({ name: 'tier', kind: 'choice', choices: ['one', 'two', 'three'], default: 'one' }),
];

describe('InputSchema', () => {
  const schema = new InputSchema(FEATURES);

  test('takes what is right, as a value and as text', () => {
    const inputs = { income: 80.5, rent: 0, tier: 'three' };
    expect(schema.parse(inputs)).toEqual({ ok: true, inputs });
    expect(schema.parseText({ income: ' 80.5 ', rent: '-0', tier: 'three', more: 'ignored' })).toEqual({
      ok: true,
      inputs,
    });
  });

  test.each(['', ' ', 'x', '1e999', 'Infinity', 'NaN', '0x10', '1,000', '1 0', '--1', '1e', '.', '٣'])(
    'text that is no number is refused, and a blank is missing, not 0: %p',
    (rent) => {
      const parsed = schema.parseText({ income: '80', rent, tier: 'one' });
      expect(parsed.ok).toBeFalse();
      if (!parsed.ok)
        expect(parsed.errors).toMatchObject([
          { field: 'rent', reason: rent.trim() ? expect.any(String) : 'missing' },
        ]);
    },
  );

  test.each([
    ['income', undefined, 'missing', 'Loan repayments: please enter a number from 1 to 100.'],
    ['income', 'ten', 'type', 'Loan repayments: please enter a number from 1 to 100.'],
    ['income', 0, 'below_min', 'Loan repayments: please enter at least 1.'],
    ['income', 101, 'above_max', 'Loan repayments: please enter at most 100.'],
    ['income', JSON.parse('1e400'), 'above_max', 'Loan repayments: please enter at most 100.'],
    ['income', JSON.parse('-1e400'), 'below_min', 'Loan repayments: please enter at least 1.'],
    [
      'income',
      '1.000,50',
      'type',
      'Loan repayments: please enter a number from 1 to 100, without separators and with a point before decimals, such as 1234.5.',
    ],
    ['age', 1.5, 'integer', 'How old are you?: please enter a whole number from 0 to 100.'],
    ['age', undefined, 'missing', 'How old are you?: please enter a whole number from 0 to 100.'],
    ['tier', undefined, 'missing', 'tier: please enter one of one, two, three.'],
    ['tier', 'four', 'choice', 'tier: please enter one of one, two, three.'],
  ])('%s of %p: %s, in words that are right for any label', (field, value, reason, message) => {
    const labelled = new InputSchema([
      { ...FEATURES[0], label: 'Loan repayments' },
      feature({ name: 'age', kind: 'integer', label: 'How old are you?' }),
      FEATURES[2],
    ]);
    const parsed = labelled.parse({ income: 50, age: 40, tier: 'one', [field]: value });
    expect(parsed).toEqual({ ok: false, errors: [{ field, reason: reason as never, message }] });
  });

  test('one error a field, whatever is wrong with it', () => {
    const parsed = schema.parse({ income: 0, rent: 1000, tier: 'four', x: 1, y: 2 });
    expect(parsed.ok ? [] : parsed.errors.map(({ field, reason }) => `${field} ${reason}`).sort()).toEqual([
      'income below_min',
      'other unknown',
      'rent above_max',
      'tier choice',
    ]);
  });

  test('accepts exactly what its schema accepts, of anything near to right', () => {
    const inputs = new InputSchema([...FEATURES, feature({ name: 'age', kind: 'integer', max: 2 ** 60 })]);
    const number = fc.oneof(
      fc.constantFrom(0, -0, 1, 0.5, 100, 100.1, 2 ** 53, 2 ** 53 - 1, 2 ** 53 + 2, 1e308),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, '1', null, undefined, true),
      fc.double(),
    );
    const near = fc.record(
      {
        income: number,
        rent: number,
        age: number,
        tier: fc.constantFrom('one', 'two', 'three', 'four', '', 1, null),
        more: fc.constant(1),
        ['__proto__']: fc.constant({ income: 1 }),
      },
      { requiredKeys: ['income', 'rent', 'age', 'tier'] },
    );
    fc.assert(
      fc.property(fc.oneof(near, fc.array(near), fc.anything()), (value) => {
        const parsed = inputs.parse(value);
        const schema = inputs.schema.safeParse(value);
        expect(parsed.ok).toBe(schema.success);
        if (parsed.ok) expect({ ...parsed.inputs }).toEqual({ ...schema.data } as never);
      }),
      { seed: 11, numRuns: 3_000 },
    );
  });

  test('any value at all is either accepted in bounds or refused; messages never repeat it', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (rent) => {
        const parsed = schema.parse({ income: 50, rent, tier: 'one' });
        if (parsed.ok) expect(parsed.inputs.rent).toBe(rent as number);
        else expect(parsed.errors.map((error) => error.field)).toEqual(['rent']);
        const ok = typeof rent === 'number' && rent >= 0 && rent <= 100;
        expect(parsed.ok).toBe(ok);
      }),
    );
  });
});
