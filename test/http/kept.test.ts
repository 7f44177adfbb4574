import { beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { HOUSEHOLD, HOUSEHOLD_TEXT, testApp } from '../support/app.ts';
import { select, textOf } from '../support/html.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

type Fields = Record<string, string>;
const post = async (changes: Fields = {}) =>
  await (await server.postForm({ ...HOUSEHOLD_TEXT, ...changes }, { 'accept-language': 'en-IN' })).text();
const keptWith = (changes: Fields, name?: string) =>
  new URLSearchParams({
    ...HOUSEHOLD_TEXT,
    ...changes,
    ...(name !== undefined && { _name: name }),
  }).toString();

/** What the form would send next: the fields of kept households with what stands in them. */
const carried = (html: string): Fields =>
  Object.fromEntries(
    select(html, '[name^="_kept"], [name^="_name"]').map(({ attributes }) => [
      attributes.name,
      attributes.value,
    ]),
  );
const heads = (html: string) => select(html, '.comparison thead th').map(({ text }) => text);
const rows = (html: string) => select(html, '.comparison tbody tr').map(({ text }) => text);
const buttons = (html: string) => select(html, '[name="_do"]').map(({ attributes }) => attributes.value);

describe('several kept households', () => {
  const three = async () => {
    let fields: Fields = {};
    for (const rent of ['12000', '9000', '15000']) {
      fields = carried(await post({ ...fields, rent, _do: 'keep' }));
    }
    return fields;
  };

  test('are kept under A, B and C, and a fourth is not', async () => {
    const fields = await three();
    expect(Object.keys(fields).toSorted()).toEqual(
      ['A', 'B', 'C'].flatMap((slot) => [`_kept${slot}`, `_name${slot}`]).toSorted(),
    );
    const html = await post({ ...fields, rent: '20000', _do: 'keep' });
    expect(carried(html)).toEqual(fields);
    expect(buttons(html)).not.toContain('keep');
    expect(textOf(html, '#answer > .actions')).toContain(
      '3 households are kept: remove one to keep another.',
    );
  });

  test('stand side by side with the present one: left over, then the prediction, then what differs', async () => {
    const html = await post({ ...(await three()), rent: '20000' });
    expect(heads(html)).toEqual(['Figure', 'A', 'B', 'C', 'Now']);
    const all = rows(html);
    expect(all[0]).toBe('Left over₹17,400₹20,400₹14,400₹9,400');
    expect(all.map((text) => text.split('₹')[0])).toEqual([
      ...['Left over', 'Left over, of income29.0%34.0%24.0%15.7%', 'Left over in a year'],
      ...['Predicted savings', 'All expenses', 'Rent'],
    ]);
    expect(all[5]).toBe('Rent₹12,000₹9,000₹15,000₹20,000');
    expect(select(html, '.difference').map(({ text }) => text.split(';')[0])).toEqual([
      'Beside A: ₹8,000 a month less is left over',
      'Beside B: ₹11,000 a month less is left over',
      'Beside C: ₹5,000 a month less is left over',
    ]);
  });

  test('are not kept twice with the same figures', async () => {
    const once = carried(await post({ _do: 'keep' }));
    expect(carried(await post({ ...once, _do: 'keep' }))).toEqual(once);
  });

  test('each comes back, and each is removed, and leaves its place to the next', async () => {
    const fields = await three();
    const restored = await post({ ...fields, rent: '1', _do: 'restore-B' });
    expect(select(restored, '#in-rent')[0].attributes.value).toBe('9000');
    expect(carried(restored)).toEqual(fields);
    const removed = await post({ ...fields, _do: 'drop-B' });
    expect(heads(removed)).toEqual(['Figure', 'A', 'C', 'Now']);
    expect(heads(await post({ ...carried(removed), rent: '1', _do: 'keep' }))).toEqual([
      ...['Figure', 'A', 'B', 'C', 'Now'],
    ]);
  });

  test('carry the names that they are given, through a refused form too', async () => {
    const fields = { ...(await three()), _nameA: ' A smaller flat ', _nameC: '' };
    const html = await post({ ...fields, rent: '1', _do: 'rename' });
    expect(heads(html)).toEqual(['Figure', 'A smaller flat', 'B', 'C', 'Now']);
    expect(select(html, '#kept-name-A')[0].attributes.value).toBe('A smaller flat');
    const refused = await post({ ...fields, rent: '' });
    expect(select(refused, '.comparison')).toEqual([]);
    expect(heads(await post({ ...carried(refused), rent: '1' }))).toContain('A smaller flat');
  });

  test.each([
    ['too long', 'x'.repeat(41), 'A'],
    ['of 40 characters, whatever they take', '😀'.repeat(40), '😀'.repeat(40)],
    ['that steers a terminal', 'x\u001b[31m', 'A'],
    ['that turns the direction', '\u202Eabc', 'A'],
    ['of two lines', 'a\nb', 'A'],
    ['of blanks', '   ', 'A'],
    ['in Hindi', 'क्षमता', 'क्षमता'],
    ['of markup', '<b>&amp;"\'', '<b>&amp;"\''],
  ])('with a name %s', async (_, name, shown) => {
    for (const fields of [{ _nameA: name }, { _keptA: keptWith({}, name) }] as Fields[]) {
      const html = await post({ _keptA: keptWith({}), rent: '1', ...fields });
      expect(select(html, '#kept-name-A')[0].attributes.value).toBe(shown);
    }
  });

  test('cost one prediction each, and no more are read than there are places for', async () => {
    let predictions = 0;
    const predict = server.model.predict;
    server.model.predict = (inputs) => {
      predictions++;
      return predict.call(server.model, inputs);
    };
    try {
      const counted = async (fields: Fields) => {
        predictions = 0;
        await post(fields);
        return predictions;
      };
      const alone = await counted({});
      const kept = keptWith({ rent: '1' });
      expect(await counted({ _keptA: kept, _keptB: kept, _keptC: kept })).toBe(alone + 3);
      const more = Object.fromEntries([...'DEFGHIJ'].map((slot) => [`_kept${slot}`, kept]));
      expect(await counted({ ...more, _kept: kept, _kepta: kept })).toBe(alone);
    } finally {
      server.model.predict = predict;
    }
  });

  test('are never in a log, a metric or a header', async () => {
    const secret = 'q7Zx-secret';
    const fields = { _keptA: keptWith({ rent: '98765' }, secret), _keptB: keptWith({}), _nameB: secret };
    for (const intent of ['look', 'keep', 'rename', 'restore-A', 'drop-B', secret]) {
      const response = await server.postForm({ ...HOUSEHOLD_TEXT, ...fields, _do: intent });
      expect(JSON.stringify([...response.headers])).not.toContain(secret);
    }
    const written = server.lines.join('\n') + (await server.deps.metrics.registry.metrics());
    expect(written).not.toContain(secret);
    expect(written).not.toContain('98765');
  });

  test('of any bytes are answered: what can be read is shown, and nothing of the rest', async () => {
    const features = [...Object.keys(HOUSEHOLD), '_name', '_model', '__proto__', 'x'];
    const hostile = fc.oneof(
      fc.string(),
      fc
        .dictionary(fc.constantFrom(...features), fc.oneof(fc.string(), fc.constant('1')))
        .map((own) => keptWith(own)),
      fc.constantFrom('A', 'constructor', '&&&===', '%', '%00', '+'.repeat(9_000)),
    );
    const names = ['A', 'B', 'C', 'D', '1', ''].flatMap((slot) => [`_kept${slot}`, `_name${slot}`]);
    const intents = ['keep', 'rename', 'restore-A', 'drop-C', 'restore', 'drop-', 'drop-__proto__'];
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...names), hostile),
        fc.constantFrom(...intents),
        async (fields, intent) => {
          const response = await server.postForm({ ...HOUSEHOLD_TEXT, ...fields, _do: intent });
          expect(response.status).toBe(200);
          const html = await response.text();
          const shown = select(html, '.kept-households > li').length;
          expect(shown).toBeLessThanOrEqual(3);
          expect(select(html, '#household-form [name^="_kept"]')).toHaveLength(shown);
        },
      ) as never,
      { seed: 37, numRuns: 150 },
    );
    expect(server.lines.join('\n')).not.toContain('"defect"');
  }, 60_000);
});

test('a household that is kept comes back in the periods that its amounts were given in', async () => {
  const weekly = { rent: '3000', '_per.rent': 'week' };
  const fields = carried(await post({ ...weekly, _do: 'keep' }));
  const html = await post({ ...fields, rent: '1', _do: 'restore-A' });
  expect(select(html, '[name="_per.rent"] option[selected]')[0].attributes.value).toBe('week');
  expect(select(html, '#in-rent')[0].attributes.value?.replaceAll(',', '')).toBe('3000');
});
