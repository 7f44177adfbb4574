import { describe, expect, test } from 'bun:test';
import { MAX_BATCHES } from '../../src/http/limit.ts';
import { HOUSEHOLD, testApp } from '../support/app.ts';

describe('too many requests at once', () => {
  test('are refused with 503 and when to come back, each in its own form; probes are answered', async () => {
    const { app, deps, postJson } = await testApp();
    for (let i = 0; i < 512; i++) deps.inFlight.began();
    const refused = await postJson({ inputs: HOUSEHOLD });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await refused.json()).detail).toContain('too much is under way');
    const v2 = await app.request('/v2/models/savings');
    expect([v2.status, Object.keys(await v2.json())]).toEqual([503, ['error']]);
    for (const path of ['/livez', '/readyz', '/v2/health/live']) {
      expect((await app.request(path)).status).toBe(200);
    }
    expect(deps.inFlight.refused).toEqual({ requests: 2, batches: 0, disk: 0 });
    deps.inFlight.ended();
    expect((await postJson({ inputs: HOUSEHOLD })).status).toBe(200);
  });

  test('of CSVs there are fewer, and one that fails or ends makes room', async () => {
    const { app, deps } = await testApp();
    const header = `${deps.live.model!.manifest.features.map(({ column }) => column).join(',')}\n`;
    const post = (body: string) =>
      app.request('/batch', { method: 'POST', headers: { 'content-type': 'text/csv' }, body });
    const open = await Promise.all(Array.from({ length: MAX_BATCHES }, () => post(header)));
    const refused = await post(header);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(deps.inFlight.refused).toEqual({ requests: 0, batches: 1, disk: 0 });
    await open[0].text();
    expect((await post('a,b\n')).status).toBe(400);
    await open[1].body!.cancel();
    const again = [await post(header), await post(header)];
    expect(again.map(({ status }) => status)).toEqual([200, 200]);
    for (const response of [...open.slice(2), ...again]) await response.text();
    expect([deps.inFlight.batches, deps.inFlight.count]).toEqual([0, 0]);
  });
});
