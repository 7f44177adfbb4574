import { tmpdir } from 'node:os';
import { createApp } from '../../src/http/app.ts';
import { SpillArea } from '../../src/http/batch/spill.ts';
import type { Deps } from '../../src/http/deps.ts';
import { createLog } from '../../src/log.ts';
import { InFlight } from '../../src/serving/in-flight.ts';
import { Metrics } from '../../src/serving/metrics.ts';
import { testModel } from './model.ts';

export { HOUSEHOLD, HOUSEHOLD_TEXT } from './household.ts';

/** The real app over a real model, without a port; what it logs is kept in `lines`. */
export async function testApp(changes: Partial<Deps> = {}) {
  const lines: string[] = [];
  const model = await testModel();
  const metrics = new Metrics({ version: '0', revision: 'test', runtime: 'test' });
  metrics.modelLive(model, 'champion', new Date());
  const deps: Deps = {
    live: { model, state: { model, loadedAt: new Date(), stale: undefined, failure: undefined } },
    metrics,
    inFlight: new InFlight(),
    log: createLog('debug', 'json', (line) => lines.push(line)),
    maxBodyBytes: 65_536,
    maxUploadBytes: 1_048_576,
    maxBatchRows: 1_000,
    spill: new SpillArea(tmpdir(), changes.maxUploadBytes ?? 1_048_576),
    fullDuplex: true,
    ...changes,
  };
  const app = createApp(deps);
  return {
    app,
    deps,
    model,
    lines,
    postJson: (body: unknown) =>
      app.request('/api/v1/predict', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    postForm: (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      app.request('/predict', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(fields).toString(),
      }),
  };
}
