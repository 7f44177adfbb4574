import { beforeAll, describe, expect, test } from 'bun:test';
import { HtmlValidate } from 'html-validate';
import { flatten } from '../../src/forest/flatten.ts';
import { compile } from '../../src/forest/predict.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { Model } from '../../src/model/model.ts';
import { randomForest } from '../forest/random-forest.ts';
import { testApp } from '../support/app.ts';
import { select, textOf } from '../support/html.ts';
import { testModel } from '../support/model.ts';

/** Unlike the savings model in all that a manifest may say: euros a year, a choice, no share, no cap, no importances. */
function otherManifest(like: Manifest): Manifest {
  const feature = (name: string, changes: object) => ({
    ...like.features[0],
    name,
    column: name,
    label: `The ${name}`,
    role: 'other' as const,
    group: 'All',
    unit: undefined as never,
    trained: { min: 0, max: 1 },
    ...changes,
  });
  return {
    ...like,
    name: 'other',
    version: 'other-1',
    examples: undefined!,
    features: [
      feature('salary', {
        role: 'income',
        min: 1,
        max: 1e6,
        default: 42_000,
        trained: { min: 1, max: 90_000 },
      }),
      feature('tier', { kind: 'choice', choices: ['city', 'town'], min: 0, max: 1, default: 'town' }),
      feature('housing', {
        role: 'expense',
        min: 0,
        max: 1e6,
        default: 9_000,
        trained: { min: 2_345, max: 20_000 },
      }),
    ],
    derived: [],
    encoding: [{ feature: 'salary' }, { feature: 'tier', choice: 'city' }, { feature: 'housing' }],
    target: {
      ...like.target,
      currency: 'EUR',
      unit: '€/year',
      period: 'year',
      transform: 'identity',
      clamp: undefined!,
    },
    rules: [
      {
        label: 'Housing',
        of: { expenses: ['housing'] },
        direction: 'at most',
        limit: 0.25,
        source: { name: 'A rule', year: 2001, country: 'IE' },
      },
    ],
    importances: [],
    interval: {
      ...like.interval,
      method: 'split-conformal',
      coverage: 0.85,
      bands: [{ ...like.interval.bands[0], below: null, quantile: 5 }],
    },
  };
}

describe("another model's page", () => {
  let server: Awaited<ReturnType<typeof testApp>>;
  beforeAll(async () => {
    const forest = flatten(randomForest(7, { trees: 5, features: 3, maxDepth: 4 }), 3);
    const model = new Model(otherManifest((await testModel()).manifest), 'f'.repeat(64), compile(forest));
    const state = { model, loadedAt: new Date(), stale: undefined, failure: undefined };
    server = await testApp({ live: { model, state } });
  });

  const HEADERS = { 'accept-language': 'en-IE' };
  const INPUTS = { salary: '50000', tier: 'city', housing: '0' };
  const post = async (fields: Record<string, string>) => (await server.postForm(fields, HEADERS)).text();

  test('is drawn from its manifest alone', async () => {
    const html = await (await server.app.request('/', { headers: HEADERS })).text();
    expect(select(html, '#in-tier option').map(({ text }) => text)).toEqual(['city', 'town']);
    expect(select(html, '#in-tier option[selected]').map(({ text }) => text)).toEqual(['town']);
    expect(textOf(html, '.key-figures')).toContain('€42,000');
    expect(textOf(html, '#headline')).toContain('a year');
    expect(textOf(html, '.rules')).toContain(
      '21.4% of your income; the rule: at most 25%A rule, 2001, Ireland.',
    );
    expect(html).not.toContain('The mark at');
    expect(textOf(html, '.range')).toContain('made to hold for 85.0% of households in its data');
  });

  test('says what it has not seen in its own unit, and not of an expense that is none', async () => {
    const html = await post({ ...INPUTS, salary: '95000', housing: '20100' });
    expect(textOf(html, '.beyond')).toBe(
      'Beyond what the model has seen: The salary, above about €90,000; The housing, above about €20,000.',
    );
    expect(textOf(html, '#in-salary-note')).toContain('nothing above about €90,000');
    expect(select(await post(INPUTS), '.beyond, .unseen')).toEqual([]);
  });

  test('says what it can not explain and leaves out what it does not know', async () => {
    const html = await post(INPUTS);
    expect(textOf(html, '#panel-why')).toContain('without what it takes to explain');
    expect(html.includes('id="importances-title"')).toBe(false);
    expect(html.includes('id="projection-title"')).toBe(false);
  });

  test('holds no figure that is no number, and valid HTML', async () => {
    const kept = new URLSearchParams({ ...INPUTS, tier: 'town', salary: '60000' }).toString();
    for (const fields of [INPUTS, { ...INPUTS, housing: '99999', _keptA: kept, _goal: '70000' }]) {
      const html = await post(fields);
      expect(/NaN|Infinity|undefined|∞|\[object/.exec(html)?.[0]).toBeUndefined();
      const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(html);
      expect(report.results.flatMap(({ messages }) => messages.map(({ message }) => message))).toEqual([]);
    }
    const model = await (await server.app.request('/model')).text();
    expect(/NaN|Infinity|undefined|\[object/.exec(model)?.[0]).toBeUndefined();
  });

  test('takes amounts a week or a month for its year, and shows no examples where it has none', async () => {
    const html = await post({ ...INPUTS, housing: '100', '_per.housing': 'week', '_per.tier': 'week' });
    expect(select(html, '.per').map(({ attributes }) => attributes.name)).toEqual([
      '_per.salary',
      '_per.housing',
    ]);
    expect(select(html, '.per option[selected]').map(({ text }) => text)).toEqual(['a year', 'a week']);
    expect(textOf(html, '.group summary')).toContain('€5,218 a year');
    expect(select(html, '.examples')).toEqual([]);
    const refused = await post({ ...INPUTS, housing: '19999999', '_per.housing': 'month' });
    expect(textOf(refused, '#in-housing-note')).toBe('The housing, a month: please enter at most 83,333.33.');
  });

  test('offers a sample file that it predicts whole', async () => {
    const sample = await (await server.app.request('/batch/sample.csv')).text();
    expect(sample).toStartWith('salary,tier,housing\n42000,town,9000\n');
    const headers = { 'content-type': 'text/csv' };
    const response = await server.app.request('/batch', { method: 'POST', headers, body: sample });
    const [header, ...rows] = (await response.text()).trimEnd().split('\n');
    expect(header).toBe('salary,tier,housing,prediction,low,high,error');
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toMatch(/^\d+,(town|city),\d+(,[-+.e\d]+){3},$/);
  });

  test('refuses a choice that is none', async () => {
    expect(textOf(await post({ ...INPUTS, tier: 'village' }), '#in-tier-note')).toBe(
      'The tier: please enter one of city, town.',
    );
  });
});
