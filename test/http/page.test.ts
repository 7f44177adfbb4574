import { beforeAll, describe, expect, test } from 'bun:test';
import { HOUSEHOLD, HOUSEHOLD_TEXT, testApp } from '../support/app.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

describe('GET /', () => {
  test('shows the form with the result for its example', async () => {
    const response = await server.app.request('/');
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toStartWith('<!DOCTYPE html><html lang="en"');
    for (const { name } of server.model.manifest.features) expect(html).toContain(`name="${name}"`);
    expect(html).toContain('This is an example household');
    expect(html).toContain(server.model.version);
  });

  test('loads nothing from another host and holds no inline script or style', async () => {
    const html = await (await server.app.request('/')).text();
    expect(html).not.toMatch(/(src|href|action)="(https?:)?\/\//);
    expect(html).not.toMatch(/<style|style="|<script(?![^>]*src=)|\son\w+="/);
  });

  test('finds every part of it at this server, cached for ever and compressed', async () => {
    const html = await (await server.app.request('/')).text();
    const paths = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!);
    expect(paths.length).toBeGreaterThanOrEqual(3);
    for (const path of paths) {
      const response = await server.app.request(path, { headers: { 'accept-encoding': 'gzip' } });
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect(response.headers.get('content-encoding')).toBe('gzip');
    }
  });

  test("counts as nobody's prediction", async () => {
    const before = await server.deps.metrics.registry.metrics();
    await server.app.request('/');
    const after = await server.deps.metrics.registry.metrics();
    const count = (text: string) => text.match(/savings_predictions_total\{.*surface="page"\} (\d+)/)?.[1];
    expect(count(after)).toBe(count(before)!);
  });

  test('waits with 503 while there is no model', async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model: undefined, state } });
    const response = await app.request('/');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('Almost ready');
  });
});

describe('POST /predict', () => {
  test('answers a plain post with the whole page and htmx with the same part of it', async () => {
    const whole = await (await server.postForm(HOUSEHOLD_TEXT)).text();
    const part = await (await server.postForm(HOUSEHOLD_TEXT, { 'hx-request': 'true' })).text();
    expect(whole).toStartWith('<!DOCTYPE html>');
    expect(part).not.toContain('<html');
    const household = part.slice(part.indexOf('<div id="household"'));
    expect(whole).toContain(household);
  });

  test("shows the model's own figures in the reader's locale", async () => {
    const { amount, income } = server.model.predict(HOUSEHOLD);
    for (const locale of ['en-IN', 'de-DE']) {
      const html = await (await server.postForm(HOUSEHOLD_TEXT, { 'accept-language': locale })).text();
      const money = new Intl.NumberFormat(locale, {
        style: 'currency',
        currency: 'INR',
        maximumFractionDigits: 0,
      });
      expect(html).toContain(money.format(Math.round(amount)));
      expect(html).toContain(money.format(income));
    }
  });

  test('puts each message at its field with 422 and keeps what was typed', async () => {
    const typed = { ...HOUSEHOLD_TEXT, income: '0', rent: '', age: 'forty' };
    const response = await server.postForm(typed, { 'hx-request': 'true' });
    expect(response.status).toBe(422);
    const html = await response.text();
    for (const field of ['income', 'rent', 'age']) expect(html).toContain(`id="${field}-error"`);
    expect(html).not.toContain('id="groceries-error"');
    expect(html).toContain('value="forty"');
    expect(html).toContain(`value="${HOUSEHOLD.groceries}"`);
  });

  test('escapes what was typed', async () => {
    const html = await (
      await server.postForm({ ...HOUSEHOLD_TEXT, rent: '"><script>alert(1)</script>' })
    ).text();
    expect(html).not.toContain('<script>alert');
  });

  test('warns beside an input that the model was not trained on', async () => {
    const html = await (await server.postForm({ ...HOUSEHOLD_TEXT, age: '95' })).text();
    expect(html).toContain('id="age-warning"');
  });

  test('says so when expenses exceed income, and promises nothing', async () => {
    const html = await (
      await server.postForm({ ...HOUSEHOLD_TEXT, rent: '58000' }, { 'accept-language': 'en-IN' })
    ).text();
    expect(html).toContain('above income');
    expect(html).toMatch(/<strong[^>]*>₹0<\/strong>/);
  });

  test('varies by what it depends on and is never stored', async () => {
    const { headers } = await server.postForm(HOUSEHOLD_TEXT);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('vary')).toContain('hx-request');
  });
});

describe('every response', () => {
  test('has the security headers', async () => {
    for (const path of ['/', '/livez', '/nothing', '/api/v1/model']) {
      const { headers } = await server.app.request(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});
