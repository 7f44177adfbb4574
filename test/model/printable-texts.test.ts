import { describe, expect, test } from 'bun:test';
import { channelSchema } from '../../src/model/artifact/channel.ts';
import { manifestSchema } from '../../src/model/manifest.ts';
import { testArtifact } from '../support/model.ts';

const HOSTILE = ['\u001b[2J', '\u009b2J', 'a\u202eb', 'a\u2028b', '\ud800', 'a\u0000', '\u{e0041}'];
const GOOD = ['₹/month', 'l’été', 'मासिक आय', 'الدخل', 'می‌خواهم', '👩‍🌾', '<b> & | *x*'];

interface Place {
  path: string;
  put(text: string): unknown;
}

/** Every text in a value, and a key of every object: where, and the whole with another text there. */
function* textsIn(value: unknown, path = ''): Generator<Place> {
  if (typeof value === 'string') yield { path, put: (text) => text };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    for (const place of textsIn(member, `${path}.${key}`)) {
      const put = (text: string) =>
        Array.isArray(value)
          ? value.with(Number(key), place.put(text))
          : { ...value, [key]: place.put(text) };
      yield { path: place.path, put };
    }
  }
  if (!Array.isArray(value)) yield { path: `${path}.*`, put: (text) => ({ ...value, [text]: 1 }) };
}

const state = {
  version: 'v1',
  manifestSha256: '0'.repeat(64),
  promotedAt: '2026-01-01T00:00:00Z',
  reason: 'x',
};
const channel = { ...state, sequence: 2, previous: [{ ...state, sequence: 1 }] };

async function manifest() {
  const { manifest } = await testArtifact();
  const choice = {
    ...manifest.features[1],
    name: 'city',
    column: 'City',
    kind: 'choice',
    choices: ['a', 'b'],
    default: 'a',
    min: 0,
    max: 1,
  };
  const trainer = { ...manifest.trainer, options: { ...manifest.trainer.options, onnxSha256: 'x' } };
  const examples = manifest.examples?.map((one) => ({ ...one, inputs: { ...one.inputs, city: 'a' } }));
  return { ...manifest, trainer, examples, features: [...manifest.features, choice] };
}

describe('texts that reach terminals and pages', () => {
  test('no place of a manifest or a channel holds what cannot be printed', async () => {
    for (const [schema, value] of [
      [manifestSchema, await manifest()],
      [channelSchema, channel],
    ] as const) {
      expect(schema.safeParse(value).success).toBe(true);
      const taken = [...textsIn(value)].flatMap(({ path, put }) =>
        HOSTILE.filter((text) => schema.safeParse(put(text)).success).map((text) => [path, text]),
      );
      expect(taken).toEqual([]);
    }
  });

  test('what languages are written with is taken', async () => {
    const whole = await manifest();
    for (const text of GOOD) {
      const [first, ...rest] = whole.features;
      const features = [
        { ...first!, label: text, unit: text, group: text, help: text, column: text },
        ...rest,
      ];
      const changed = { ...whole, features, data: { ...whole.data, source: text, licence: text } };
      expect(manifestSchema.parse(changed)).toEqual(changed as never);
      expect(channelSchema.parse({ ...channel, reason: text }).reason).toBe(text);
    }
  });

  test('line breaks and tabs that earlier versions let into a sentence are read as blanks', async () => {
    const whole = await manifest();
    const changed = { ...whole, data: { ...whole.data, source: 'a survey\r\nof\ttowns' } };
    expect(manifestSchema.parse(changed).data.source).toBe('a survey of towns');
    expect(channelSchema.parse({ ...channel, reason: 'June\ndata' }).reason).toBe('June data');
  });
});
