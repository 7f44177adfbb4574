import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { BodySchema } from '../../src/http/json-body.ts';
import { predictEnvelope } from '../../src/http/schemas.ts';
import { inferRequest } from '../../src/http/v2/schemas.ts';

/** One of these, now and then another value, or none at all. */
const mostly = (right: fc.Arbitrary<unknown>, key: string) =>
  fc.oneof(
    { weight: 30, arbitrary: right.map((value) => ({ [key]: value })) },
    { weight: 1, arbitrary: fc.anything().map((value) => ({ [key]: value })) },
    { weight: 1, arbitrary: fc.constant({}) },
  );
/** Mostly good, at times nearly so. */
const given = (good: unknown[], bad: unknown[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...bad) },
  );
const near = (...parts: fc.Arbitrary<object>[]) =>
  fc
    .tuple(
      ...parts,
      fc.oneof({ weight: 15, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.object() }),
    )
    .map((objects) => JSON.parse(JSON.stringify(Object.assign({}, ...objects))));

const household = fc.dictionary(fc.string(), fc.anything(), { maxKeys: 3 });
const predict = near(
  mostly(fc.oneof(household, fc.array(fc.oneof(household, fc.constant(null)), { maxLength: 3 })), 'inputs'),
  mostly(fc.constantFrom(true, false, null), 'contributions'),
);

const parameters = () =>
  mostly(
    fc.oneof(fc.constantFrom(undefined, null), fc.dictionary(fc.string(), fc.jsonValue())),
    'parameters',
  );
const named = [mostly(given(['low', '', 'x'.repeat(64)], ['x'.repeat(65), 1]), 'name'), parameters()];
const tensor = near(
  ...named,
  mostly(given([[1], [0, 14], [2, 14]], [[], [1, 2, 3], [-1], [0.5], [2 ** 53]]), 'shape'),
  mostly(given(['FP64', 'UINT8', 'BYTES'], ['FP8', 'BOOL', 'constructor']), 'datatype'),
  mostly(fc.array(fc.double()), 'data'),
);
const infer = near(
  mostly(given(['1', 'x'.repeat(256), null], ['x'.repeat(257), 1]), 'id'),
  parameters(),
  mostly(fc.array(tensor, { minLength: 1, maxLength: 2 }), 'inputs'),
  mostly(fc.oneof(fc.constantFrom(undefined, null), fc.array(near(...named), { maxLength: 2 })), 'outputs'),
);

const CASES: [string, BodySchema<unknown>, fc.Arbitrary<unknown>][] = [
  ['POST /api/v1/predict', predictEnvelope, predict],
  ['POST /v2/.../infer', inferRequest, infer],
];

describe.each(CASES)('what %s takes without asking its schema', (_, { schema, accepts }, bodies) => {
  test('its schema takes too, for the same', () => {
    let accepted = 0;
    const check = (body: unknown) => {
      if (!accepts(body)) return;
      accepted++;
      // The schema leaves out keys that nothing reads; what it keeps is as it was.
      expect(body).toMatchObject(schema.parse(body) as object);
    };
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: bodies }, { weight: 1, arbitrary: fc.anything() }), check),
      {
        numRuns: 3_000,
      },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('what programs send', () => {
  const tensorOf = (shape: number[]) => ({ name: 'inputs', datatype: 'FP64', shape, data: [1, 2] });

  test.each([
    ['one household', predictEnvelope, { inputs: { income: 1 } }],
    ['a list, and why', predictEnvelope, { inputs: [{ income: 1 }, {}], contributions: true }],
    ['one household, and nothing', predictEnvelope, { inputs: { income: 1 }, contributions: null }],
    ['a matrix', inferRequest, { inputs: [tensorOf([1, 2])] }],
    [
      'with an id and outputs',
      inferRequest,
      { id: '7', inputs: [tensorOf([2])], outputs: [{ name: 'low' }] },
    ],
    [
      'with null for what is left out',
      inferRequest,
      { id: null, parameters: null, outputs: null, inputs: [{ ...tensorOf([2]), parameters: null }] },
    ],
    [
      'with parameters',
      inferRequest,
      {
        parameters: { binary_data_output: true },
        inputs: [{ ...tensorOf([2]), parameters: { content_type: 'np', headers: null } }],
        outputs: [{ name: 'low', parameters: { binary_data: false } }],
      },
    ],
    ['with no outputs', inferRequest, { inputs: [tensorOf([2])], outputs: [] }],
  ] as [string, BodySchema<unknown>, unknown][])('is taken without it: %s', (_, { accepts }, body) => {
    expect(accepts(body)).toBe(true);
  });
});
