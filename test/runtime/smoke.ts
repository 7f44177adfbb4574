/**
 * One script that a server must pass on every runtime: `node:test` runs it under Bun and Deno alike. The server
 * under test is started with the very runtime that runs this file.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RUNTIMES, type ServerProcess, startServer } from '../support/server-process.ts';

const runtime = 'Deno' in globalThis ? 'deno' : 'bun';
const { SMOKE_MODEL_DIR: MODEL_DIR, SMOKE_PUBLIC_KEY: MODEL_PUBLIC_KEY = '' } = process.env;
assert.ok(MODEL_DIR, 'SMOKE_MODEL_DIR must name a directory with a model');

describe(`the server on ${runtime}`, () => {
  let server: ServerProcess;
  before(async () => {
    server = await startServer(
      { MODEL_DIR, MODEL_PUBLIC_KEY, SHUTDOWN_GRACE_SECONDS: '1' },
      RUNTIMES[runtime],
    );
    await server.ready();
  });
  after(() => server.kill('SIGKILL'));

  const post = (path: string, type: string, body: string) =>
    fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  const defaults = async () => {
    const { features } = await (await fetch(`${server.url}/api/v1/model`)).json();
    return Object.fromEntries(features.map((f: { name: string; default: unknown }) => [f.name, f.default]));
  };

  it('is alive and ready, and says with which model', async () => {
    assert.equal((await fetch(`${server.url}/livez`)).status, 200);
    const ready = await (await fetch(`${server.url}/readyz`)).json();
    assert.equal(ready.status, 'ready');
    assert.match(ready.model.sha256, /^[0-9a-f]{64}$/);
  });

  it('shows the page, its style and htmx', async () => {
    const html = await (await fetch(server.url)).text();
    assert.match(html, /^<!DOCTYPE html>/);
    for (const [, path] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
      const asset = await fetch(`${server.url}${path}`);
      assert.equal(asset.status, 200);
      assert.ok((await asset.text()).length > 100);
    }
  });

  it('predicts by form and by API alike', async () => {
    const inputs = await defaults();
    const body = await (await post('/api/v1/predict', 'application/json', JSON.stringify({ inputs }))).json();
    const [{ amount }] = body.predictions;
    assert.ok(amount > 0);
    const form = new URLSearchParams(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
    const html = await (await post('/predict', 'application/x-www-form-urlencoded', form.toString())).text();
    const shown = new Intl.NumberFormat('en-IN', {
      style: 'currency',
      currency: 'INR',
      maximumFractionDigits: 0,
    });
    assert.ok(html.includes(shown.format(Math.round(amount))));
  });

  it('refuses what is wrong', async () => {
    const inputs = await defaults();
    const refused = await post(
      '/api/v1/predict',
      'application/json',
      JSON.stringify({ inputs: { ...inputs, income: 0 } }),
    );
    assert.equal(refused.status, 422);
    assert.equal((await post('/api/v1/predict', 'application/json', '{')).status, 400);
    assert.equal((await post('/api/v1/predict', 'text/plain', '{}')).status, 415);
    assert.equal((await post('/api/v1/predict', 'application/json', ' '.repeat(2_000_000))).status, 413);
  });

  it('predicts a CSV in slices as in one piece', async () => {
    const { features } = await (await fetch(`${server.url}/api/v1/model`)).json();
    const inputs = await defaults();
    const columns = features.map(({ column }: { column: string }) => column).join(',');
    const row = Object.values(inputs).join(',');
    const file = new TextEncoder().encode(`\uFEFFNote,${columns}\nn 5" é,${row}\n"é\n😀",${row}\n₹,${row}\n`);
    const whole = await post(
      '/batch',
      'text/csv',
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(file),
    );
    let next = { at: 0, headerFrom: 0, headerTo: 0, line: 1, skipping: false };
    let csv = '';
    for (let bytes = 200; next.at < file.length; bytes++) {
      const isLast = next.at + bytes >= file.length;
      const response = await fetch(`${server.url}/batch/slice`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv', 'savings-slice': JSON.stringify({ ...next, isLast }) },
        body: new Blob([file.slice(next.headerFrom, next.headerTo), file.slice(next.at, next.at + bytes)]),
      });
      const body = await response.json();
      next = body.next;
      csv += body.csv;
    }
    assert.equal(csv, await whole.text());
    assert.match(csv, /line 2: has a quote inside a field/);
  });

  it('has its metrics on their own port', async () => {
    assert.match(
      await (await fetch(server.metricsUrl)).text(),
      /savings_predictions_total\{[^}]*surface="api"\} 1/,
    );
    assert.equal((await fetch(`${server.url}/metrics`)).status, 404);
  });

  it('ends on SIGTERM with 0', async () => {
    server.kill('SIGTERM');
    assert.equal(await server.exited, 0);
  });
});
