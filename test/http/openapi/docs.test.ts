import { describe, expect, test } from 'bun:test';
import { testApp } from '../../support/app.ts';

describe('GET /docs', () => {
  test('shows every operation and schema of the document, and loads nothing from elsewhere', async () => {
    const { app } = await testApp();
    const document = await (await app.request('/openapi.json')).json();
    const html = await (await app.request('/docs')).text();
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods as object)) {
        expect(html).toContain(`${method.toUpperCase()} ${path}`);
      }
    }
    for (const name of Object.keys(document.components.schemas))
      expect(html).toContain(`id="schema-${name}"`);
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
    for (const id of links) expect(html).toContain(`id="${id}"`);
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(html).not.toMatch(/<style|style="|<script(?![^>]*src=)/);
  });

  test('says 503 until a model is live', async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model: undefined, state } });
    expect((await app.request('/docs')).status).toBe(503);
  });
});
