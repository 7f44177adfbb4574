import { describe, expect, test } from 'bun:test';
import { createMetricsApp } from '../../src/http/app.ts';
import { InFlight } from '../../src/serving/in-flight.ts';
import { testApp } from '../support/app.ts';

const NOTHING = { model: undefined, loadedAt: undefined, stale: undefined, failure: 'S3 does not answer' };

describe('GET /livez', () => {
  test('is 200 with or without a model', async () => {
    const { app } = await testApp({ live: { model: undefined, state: NOTHING } });
    expect((await app.request('/livez')).status).toBe(200);
  });
});

describe('GET /readyz', () => {
  test('is 200 and names the model that is live', async () => {
    const { app, model } = await testApp();
    const response = await app.request('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'ready',
      model: { version: model.version, sha256: model.sha256 },
    });
  });

  test('is 503 with the reason while there is no model', async () => {
    const { app } = await testApp({ live: { model: undefined, state: NOTHING } });
    const response = await app.request('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'loading', failure: 'S3 does not answer' });
  });

  test('stays 200 with an old model, and says why it may be old', async () => {
    const { app, model } = await testApp();
    const stale = await testApp({
      live: { model, state: { model, loadedAt: new Date(), stale: 'S3 is down', failure: undefined } },
    });
    expect((await app.request('/readyz')).status).toBe(200);
    expect(await (await stale.app.request('/readyz')).json()).toMatchObject({
      status: 'ready',
      stale: 'S3 is down',
    });
  });

  test('is 503 as soon as the server is stopping', async () => {
    const inFlight = new InFlight();
    const { app } = await testApp({ inFlight });
    inFlight.stopping = true;
    const response = await app.request('/readyz');
    expect(response.status).toBe(503);
    expect(response.headers.get('connection')).toBe('close');
  });
});

describe('GET /metrics', () => {
  test('is on its own port only', async () => {
    const { app, deps } = await testApp();
    expect((await app.request('/metrics')).status).toBe(404);
    const text = await (await createMetricsApp(deps).request('/metrics')).text();
    expect(text).toContain('savings_model_info{');
    expect(text).toContain('savings_build_info{');
  });

  test('labels a request by its route, never by its path', async () => {
    const { app, deps } = await testApp();
    await app.request('/some/strange/path?income=5');
    await app.request('/assets/nothing.js');
    const text = await (await createMetricsApp(deps).request('/metrics')).text();
    expect(text).toContain('savings_http_requests_total{method="GET",route="none",status="404"} 1');
    expect(text).toContain('route="/assets/:name"');
    expect(text).not.toContain('strange');
  });
});
