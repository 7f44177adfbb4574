import { beforeAll, describe, expect, test } from 'bun:test';
import { HtmlValidate } from 'html-validate';
import { HOUSEHOLD_TEXT, testApp } from '../support/app.ts';

const validator = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:a11y'],
  // A list may have a name (ARIA in HTML); by itself, this version of the rule only lets controls and regions have one.
  rules: { 'aria-label-misuse': ['error', { allowAnyNamable: true }] },
});

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

const post = (changes: object) => () => server.postForm({ ...HOUSEHOLD_TEXT, ...changes });
const kept = new URLSearchParams(HOUSEHOLD_TEXT).toString();

const PAGES: Record<string, () => Response | Promise<Response>> = {
  'the page': () => server.app.request('/'),
  'the model card': () => server.app.request('/model'),
  'the batch page': () => server.app.request('/batch'),
  'a refused upload': () => server.app.request('/batch', { method: 'POST', body: new FormData() }),
  'the documentation': () => server.app.request('/docs'),
  'a result': post({}),
  'a refused form': post({ income: '0', rent: '' }),
  'a warning and a wrong goal': post({ age: '95', _goal: 'x' }),
  'a household that overspends': post({ rent: '90000' }),
  'a household without expenses': post(
    Object.fromEntries(
      Object.keys(HOUSEHOLD_TEXT).map((name) => [name, { income: '50000', age: '30' }[name] ?? '0']),
    ),
  ),
  'two households': post({ _keptA: kept, rent: '20000' }),
  'four households': post({ _keptA: kept, _keptB: kept, _keptC: kept, _nameB: '"><b>&', rent: '20000' }),
  'waiting for a model': async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    return (await testApp({ live: { model: undefined, state } })).app.request('/');
  },
};

describe('valid HTML', () => {
  test.each(Object.entries(PAGES))('%s', async (_, page) => {
    const report = await validator.validateString(await (await page()).text());
    const messages = report.results.flatMap((result) =>
      result.messages.map(({ ruleId, message, selector }) => `${ruleId}: ${message} (${selector})`),
    );
    expect(messages).toEqual([]);
  });

  test('a planted fault is seen', async () => {
    const { valid } = await validator.validateString('<!DOCTYPE html><p><div></p>');
    expect(valid).toBe(false);
  });
});
