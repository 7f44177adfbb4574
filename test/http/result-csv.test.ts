import { beforeAll, describe, expect, test } from 'bun:test';
import { CsvParser } from '../../src/dataset/csv.ts';
import { HOUSEHOLD, HOUSEHOLD_TEXT, testApp } from '../support/app.ts';
import { select } from '../support/html.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

const post = (fields: Record<string, string> = {}) =>
  server.app.request('/result.csv', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...HOUSEHOLD_TEXT, ...fields }).toString(),
  });
const cellsOf = (text: string) => {
  const parser = new CsvParser();
  return [...parser.push(text.replace('\uFEFF', '')), ...parser.end()].map(({ fields }) => fields);
};

describe('POST /result.csv', () => {
  test('is a file to save, which nobody keeps', async () => {
    const { status, headers } = await post();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe('attachment; filename="savings-result.csv"');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('savings-model-version')).toBe(server.model.version);
  });

  test('holds the figures, what is left over, and the prediction with its range, model and date', async () => {
    const before = new Date().toISOString().slice(0, 10);
    // As it comes: what decodes a body as text takes the mark away.
    const bytes = new Uint8Array(await (await post()).arrayBuffer());
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const after = new Date().toISOString().slice(0, 10);
    expect(text).toStartWith('\uFEFFFigure,Unit,Now\n');
    const { manifest } = server.model;
    const { amount, interval } = server.model.predict(HOUSEHOLD);
    const rows = cellsOf(text);
    expect(rows.slice(1, 1 + manifest.features.length)).toEqual(
      manifest.features.map(({ name, label, unit }) => [label, unit ?? '', HOUSEHOLD_TEXT[name]]),
    );
    expect(rows.slice(1 + manifest.features.length, -1)).toEqual([
      ['All expenses', '₹/month', '42600.00'],
      ['Left over', '₹/month', '17400.00'],
      ['Predicted savings', '₹/month', amount.toFixed(2)],
      ['Predicted savings, low end of the range', '₹/month', interval.low.toFixed(2)],
      ['Predicted savings, high end of the range', '₹/month', interval.high.toFixed(2)],
      ['Share of households in its data that the range is made to hold for', '', '0.9'],
      ['Predicted by model', '', server.model.version],
    ]);
    expect([before, after]).toContain(rows.at(-1)?.[2] ?? '');
  });

  test('says below zero what a household is short by', async () => {
    const rows = cellsOf(await (await post({ rent: '90000' })).text());
    expect(rows.find(([label]) => label === 'Left over')).toEqual(['Left over', '₹/month', '-60600.00']);
  });

  test('has a column for each kept household, by its name, where no spreadsheet runs it', async () => {
    const kept = `${new URLSearchParams({ ...HOUSEHOLD_TEXT, rent: '9000' })}&_model=earlier-1`;
    const fields = { _keptA: kept, _nameA: '=HYPERLINK("x")', _keptC: kept, _nameC: 'a, b;+1' };
    const rows = cellsOf(await (await post(fields)).text());
    expect(rows[0]).toEqual(['Figure', 'Unit', 'Now', '\'=HYPERLINK("x")', "a, b;'+1"]);
    expect(rows.every((cells) => cells.length === 5)).toBe(true);
    expect(rows.find(([label]) => label === 'Rent')).toEqual(['Rent', '₹/month', '12000', '9000', '9000']);
    expect(rows.find(([label]) => label === 'Left over')?.slice(2)).toEqual([
      ...['17400.00', '20400.00', '20400.00'],
    ]);
    expect(rows.find(([label]) => label === 'Kept when this model answered')?.slice(2)).toEqual([
      ...['', 'earlier-1', 'earlier-1'],
    ]);
  });

  test('is the page with what is wrong, where a figure is refused', async () => {
    const response = await post({ rent: '', age: '7' });
    expect(response.status).toBe(422);
    const html = await response.text();
    expect(select(html, '.refused li')).toHaveLength(2);
    expect(select(html, '#household-form')[0].attributes.action).toBe('/predict');
  });

  test('counts as no prediction, and leaves nothing of the figures in the log', async () => {
    const counted = async () =>
      [
        ...(await server.deps.metrics.registry.metrics()).matchAll(
          /^savings_(predictions|input_rejected)_total.*$/gm,
        ),
      ].join();
    const before = await counted();
    await post({
      rent: '98765',
      _nameA: 'q7Zx-secret',
      _keptA: new URLSearchParams(HOUSEHOLD_TEXT).toString(),
    });
    await post({ rent: '-98765' });
    expect(await counted()).toBe(before);
    expect(server.lines.join('\n')).not.toMatch(/98765|q7Zx/);
  });

  test('opened as an address leads to the form, and waits for a model like the page', async () => {
    const opened = await server.app.request('/result.csv');
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/']);
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model: undefined, state } });
    expect((await app.request('/result.csv', { method: 'POST' })).status).toBe(503);
  });
});
