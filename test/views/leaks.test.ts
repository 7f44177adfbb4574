import { beforeAll, describe, expect, test } from 'bun:test';
import { HtmlValidate } from 'html-validate';
import { FILES } from '../../src/model/manifest.ts';
import { flatten } from '../../src/forest/flatten.ts';
import { compile } from '../../src/forest/predict.ts';
import { randomForest } from '../forest/random-forest.ts';
import { Model } from '../../src/model/model.ts';
import type { Artifact } from '../../src/model/artifact/artifact.ts';
import { testApp } from '../support/app.ts';
import { select, textOf } from '../support/html.ts';
import { MONEY, OF_A_BUDGET, OF_SAVINGS, OWN, saidBy } from '../support/leaks.ts';
import { OTHER_MODELS, type OtherModel, otherModel } from '../support/other-models.ts';

describe.each(Object.keys(OTHER_MODELS) as OtherModel[])('the model %s', (name) => {
  let server: Awaited<ReturnType<typeof testApp>>;
  let artifact: Artifact;
  let pages: Record<string, string>;
  let fields: Record<string, string>;
  const isBudget = name === 'weekly-budget';

  beforeAll(async () => {
    const made = await otherModel(name);
    artifact = made.artifact;
    const { model } = made;
    server = await testApp({
      live: { model, state: { model, loadedAt: new Date(), stale: undefined, failure: undefined } },
    });
    fields = Object.fromEntries(
      Object.entries(model.inputs.defaults()).map(([key, value]) => [key, String(value)]),
    );
    const [first] = model.manifest.features;
    const kept = new URLSearchParams(fields).toString();
    const changed = { ...fields, [first!.name]: String(first!.trained.max) };
    const get = async (path: string) => await (await server.app.request(path)).text();
    const post = async (changes: object) => await (await server.postForm({ ...fields, ...changes })).text();
    pages = {
      page: await get('/'),
      result: await post({}),
      'kept one': await post({ ...changed, _keptA: kept }),
      'kept three': await post({ ...changed, _keptA: kept, _keptB: kept, _keptC: kept }),
      'kept with another': await post({ ...changed, _keptA: `${kept}&_model=earlier` }),
      unseen: await post({ [first!.name]: String(first!.max) }),
      refused: await post({ [first!.name]: 'x' }),
      'goal reached': await post({ _goal: '0.001' }),
      'goal far': await post({ _goal: '900000' }),
      'goal refused': await post({ _goal: 'x' }),
      model: await get('/model'),
      batch: await get('/batch'),
      docs: await get('/docs'),
      'not found': await (await server.app.request('/nothing', { headers: { accept: 'text/html' } })).text(),
    };
  });

  const documents = async () => {
    const send = (path: string, type: string, body: string) =>
      server.app.request(path, { method: 'POST', headers: { 'content-type': type }, body });
    const inputs = server.deps.live.model!.inputs.defaults();
    const sample = await (await server.app.request('/batch/sample.csv')).text();
    const answer = await send(
      '/api/v1/predict',
      'application/json',
      JSON.stringify({ inputs, contributions: true }),
    );
    const csv = await send(
      '/result.csv',
      'application/x-www-form-urlencoded',
      new URLSearchParams(fields).toString(),
    );
    const batch = await send('/batch', 'text/csv', sample);
    const v2 = await server.app.request(`/v2/models/${name}`);
    for (const response of [answer, csv, batch, v2]) expect(response.status).toBe(200);
    return {
      answer: await answer.text(),
      csv: await csv.text(),
      batch: await batch.text(),
      v2: await v2.text(),
      card: new TextDecoder().decode(artifact.files.get(FILES.card)!),
      sample,
      names: [answer, csv, batch].map(({ headers }) => headers.get('content-disposition')).join(),
    };
  };

  test('has pages that say nothing of savings, rupees or months', () => {
    for (const [page, html] of Object.entries(pages)) {
      expect([page, OF_SAVINGS.exec(saidBy(html))?.[0]]).toEqual([page, undefined]);
      expect([page, /NaN|∞|undefined|\[object/.exec(html)?.[0]]).toEqual([page, undefined]);
    }
  });

  test('has answers, files and a card that say nothing of them either', async () => {
    for (const [document, text] of Object.entries(await documents())) {
      const said = OWN.reduce((rest, own) => rest.replace(own, ''), text);
      expect([document, OF_SAVINGS.exec(said)?.[0]]).toEqual([document, undefined]);
    }
  });

  test.if(!isBudget && name !== 'income-alone')('says nothing of a budget', async () => {
    const shown = { ...pages };
    // Which roles a feature may have, any manifest's documentation says.
    delete shown.docs;
    const own = server.deps.live.model!.manifest.features.map(({ label }) => label);
    for (const [page, html] of Object.entries({ ...shown, ...(await documents()) })) {
      const said = own.reduce((text, label) => text.replaceAll(label, ''), saidBy(html));
      const text = said.replace(/"income"|\bincome\b,|,income/g, '').replaceAll('warnings', '');
      expect([page, OF_A_BUDGET.exec(text)?.[0]]).toEqual([page, undefined]);
    }
  });

  test.if(name === 'trunks')('says nothing of money', async () => {
    const { docs: _, ...shown } = pages;
    for (const [page, html] of Object.entries(shown)) {
      expect([page, MONEY.exec(saidBy(html))?.[0]]).toEqual([page, undefined]);
    }
  });

  test('has its prediction first, and cards of a budget only where there is one', () => {
    const html = pages.result!;
    const { label } = server.deps.live.model!.manifest.target;
    expect(select(html, '.brand').map(({ text }) => text)).toEqual([label]);
    expect(select(html, '.left-over').length).toBe(isBudget ? 1 : 0);
    expect(textOf(html, '.predicted h3')).toBe(`Predicted ${label.toLowerCase()}`);
    expect(select(html, '.panel').map(({ attributes }) => attributes.id!)).toEqual(
      [...(isBudget ? ['overview', 'spending'] : []), 'why', 'change'].map((panel) => `panel-${panel}`),
    );
    for (const budget of ['.key-figures', '#gauge-title', '#balance-title', '.tips', '#donut-title'])
      expect(select(html, budget).length).toBeLessThanOrEqual(isBudget ? 1 : 0);
    expect(select(html, '#contributions-title').length).toBe(1);
    expect(select(html, '#importances-title').length).toBe(1);
    expect(textOf(html, '.range')).toContain('made to hold for 9 of 10');
    expect(textOf(pages.unseen!, '.beyond')).toContain('Beyond what the model has seen');
    expect(textOf(pages['kept one']!, '.difference')).toMatch(/the prediction (rises|falls) by/);
  });

  test('is valid HTML', async () => {
    const validator = new HtmlValidate({
      extends: ['html-validate:standard', 'html-validate:a11y'],
      rules: { 'aria-label-misuse': ['error', { allowAnyNamable: true }] },
    });
    for (const [page, html] of Object.entries(pages)) {
      const { results } = await validator.validateString(html);
      const messages = results.flatMap(({ messages }) =>
        messages.map(({ message, selector }) => `${message} ${selector}`),
      );
      expect([page, messages]).toEqual([page, []]);
    }
  });
});

describe('what the model relies on', () => {
  test('is shown however small its figures are, and not what makes nothing worse', async () => {
    const { model } = await otherModel('trunks');
    const { manifest } = model;
    const width = manifest.encoding.length;
    const [first, second, ...others] = manifest.importances;
    const idle = { ...second!, maeIncrease: manifest.metrics.model.mae / 2_000 };
    const changed = new Model(
      { ...manifest, importances: [first!, idle, ...others] },
      model.sha256,
      compile(flatten(randomForest(7, { trees: 5, features: width, maxDepth: 4 }), width)),
    );
    const live = {
      model: changed,
      state: { model: changed, loadedAt: new Date(), stale: undefined, failure: undefined },
    };
    const html = await (await (await testApp({ live })).app.request('/model')).text();
    const label = (feature: string) => manifest.features.find(({ name }) => name === feature)!.label;
    expect(first!.maeIncrease).toBeLessThan(0.5);
    const bars = select(html, 'main')[0]!.text;
    expect(bars).toContain(`${label(first!.feature)} 0.`);
    expect(bars).toContain(`no worse without: ${label(idle.feature)}.`);
  });
});

describe('what would reach', () => {
  test('is one figure alone, which does it when it is put in', async () => {
    const { model } = await otherModel('trunks');
    const server = await testApp({
      live: { model, state: { model, loadedAt: new Date(), stale: undefined, failure: undefined } },
    });
    const fields = Object.fromEntries(
      Object.entries(model.inputs.defaults()).map(([key, value]) => [key, String(value)]),
    );
    const html = await (await server.postForm({ ...fields, _goal: '0.4' })).text();
    expect(textOf(html, '.goal h3')).toBe('To reach 0.400 m');
    const [change] = select(html, '.goal li').map(({ text }) => text);
    const [, label, to, from] = /^(\w+) at ([\d.]+) in place of ([\d.]+): [\d.]+ predicted$/.exec(change!)!;
    const { name } = model.manifest.features.find((feature) => feature.label === label)!;
    expect(Number(from)).toBe(Number(fields[name]));
    const { amount } = model.predict({ ...model.inputs.defaults(), [name]: Number(to) });
    expect(amount).toBeGreaterThanOrEqual(0.4);
  });
});
