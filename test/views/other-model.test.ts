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
    features: [
      feature('salary', {
        role: 'income',
        min: 1,
        max: 1e6,
        default: 42_000,
        trained: { min: 1, max: 90_000 },
      }),
      feature('tier', { kind: 'choice', choices: ['city', 'town'], min: 0, max: 1, default: 'town' }),
      feature('housing', { role: 'expense', min: 0, max: 1e6, default: 9_000 }),
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
    expect(textOf(html, '.range')).toContain('made to hold for 85.0% of households in its data');
  });

  test('says what it can not explain and leaves out what it does not know', async () => {
    const html = await post(INPUTS);
    expect(textOf(html, '#panel-why')).toContain('without what it takes to explain');
    expect(html.includes('id="importances-title"')).toBe(false);
    expect(html.includes('id="projection-title"')).toBe(false);
  });

  test('holds no figure that is no number, and valid HTML', async () => {
    const kept = new URLSearchParams({ ...INPUTS, tier: 'town', salary: '60000' }).toString();
    for (const fields of [INPUTS, { ...INPUTS, housing: '99999', _kept: kept, _goal: '70000' }]) {
      const html = await post(fields);
      expect(/NaN|Infinity|undefined|∞|\[object/.exec(html)?.[0]).toBeUndefined();
      const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(html);
      expect(report.results.flatMap(({ messages }) => messages.map(({ message }) => message))).toEqual([]);
    }
    const model = await (await server.app.request('/model')).text();
    expect(/NaN|Infinity|undefined|\[object/.exec(model)?.[0]).toBeUndefined();
  });

  test('refuses a choice that is none', async () => {
    expect(textOf(await post({ ...INPUTS, tier: 'village' }), '#in-tier-note')).toBe(
      'The tier: please enter one of city, town.',
    );
  });
});
