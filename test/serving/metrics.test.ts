import { describe, expect, test } from 'bun:test';
import { Metrics } from '../../src/serving/metrics.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { testModel } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';

const newMetrics = () => new Metrics({ version: '1.2.3', revision: 'abc', runtime: 'test' });

/** Every series and its value. */
async function read(metrics: Metrics): Promise<Map<string, number>> {
  const text = await metrics.registry.metrics();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

const sum = (series: Map<string, number>, prefix: string) =>
  [...series].filter(([name]) => name.startsWith(prefix)).reduce((total, [, value]) => total + value, 0);

describe('Metrics', () => {
  test('count from 0, so that the first event is seen to have come after none', async () => {
    const metrics = newMetrics();
    metrics.modelLive(await testModel(), 'champion', new Date());
    metrics.http.expectRoutes([{ method: 'POST', path: '/predict' }]);
    const series = await read(metrics);
    for (const name of [
      'savings_model_load_total{result="corrupt"}',
      'savings_store_requests_total{operation="get",result="error"}',
      'savings_http_requests_total{method="POST",route="/predict",status="500"}',
      'savings_http_requests_total{method="POST",route="/predict",status="503"}',
      'savings_http_request_duration_seconds_count{method="POST",route="/predict"}',
      'savings_predictions_total{version="test-1",role="champion",surface="api"}',
      'savings_input_rejected_total{field="rent",reason="missing"}',
      'savings_input_rejected_total{field="other",reason="unknown"}',
      'savings_input_out_of_range_total{feature="rentShare",side="above"}',
      'savings_feature_bin_total{feature="income",bin="00",version="test-1"}',
      'savings_predicted_amount_count{role="champion"}',
      'savings_prediction_duration_seconds_count',
    ]) {
      expect([name, series.get(name)]).toEqual([name, 0]);
    }
  });

  test('name the model that is live, by everything that identifies it', async () => {
    const metrics = newMetrics();
    const model = await testModel();
    metrics.modelLive(model, 'champion', new Date(1_700_000_000_000));
    const series = await read(metrics);
    const info = `savings_model_info{name="savings",version="test-1",sha256="${model.sha256}",role="champion"}`;
    expect(series.get(info)).toBe(1);
    expect(series.get('savings_model_loaded_timestamp_seconds')).toBe(1_700_000_000);
    expect(series.get('savings_model_review_timestamp_seconds{version="test-1"}')).toBe(
      Date.parse(model.manifest.reviewBy) / 1000,
    );
    expect(series.get('savings_build_info{version="1.2.3",revision="abc",runtime="test"}')).toBe(1);
  });

  test('count a settled prediction, its amount, and each of its inputs once', async () => {
    const metrics = newMetrics();
    const model = await testModel();
    metrics.modelLive(model, 'champion', new Date());
    const far = { ...HOUSEHOLD, income: 5e6 };
    const predictions = [HOUSEHOLD, far].map((inputs) => model.predict(inputs));
    metrics.predicted(model, 'champion', 'batch', [HOUSEHOLD, far], predictions, 3);
    const series = await read(metrics);
    expect(series.get('savings_predictions_total{version="test-1",role="champion",surface="batch"}')).toBe(2);
    expect(series.get('savings_predicted_amount_sum{role="champion"}')).toBeCloseTo(
      predictions[0].amount + predictions[1].amount,
    );
    expect(series.get('savings_prediction_duration_seconds_sum')).toBe(0.003);
    expect(series.get('savings_input_out_of_range_total{feature="income",side="above"}')).toBe(1);
    for (const { name } of model.manifest.features) {
      expect([name, sum(series, `savings_feature_bin_total{feature="${name}"`)]).toEqual([name, 2]);
    }
    const highest = model.reference.features[0].shares.length - 1;
    expect(series.get(`savings_feature_bin_total{feature="income",bin="0${highest}",version="test-1"}`)).toBe(
      1,
    );
  });

  test('give the training data’s share of every bin that they count', async () => {
    const metrics = newMetrics();
    metrics.modelLive(await testModel(), 'champion', new Date());
    const series = await read(metrics);
    const labels = (name: string) =>
      [...series.keys()].filter((key) => key.startsWith(`${name}{`)).map((key) => key.slice(name.length));
    expect(labels('savings_feature_reference_ratio')).toEqual(labels('savings_feature_bin_total'));
    expect(sum(series, 'savings_feature_reference_ratio{feature="rent"')).toBeCloseTo(1);
    expect(series.get('savings_reference_rows{version="test-1"}')).toBeGreaterThan(100);
  });

  test('forget versions that are long gone, and no other', async () => {
    const metrics = newMetrics();
    const model = await testModel();
    const versions = Array.from({ length: 20 }, (_, i) => `v${i}`);
    for (const version of versions) {
      const one = Object.create(model, {
        version: { value: version },
        manifest: { value: { ...model.manifest, version } },
      });
      metrics.modelLive(one, 'champion', new Date());
      metrics.predicted(one, 'champion', 'api', [HOUSEHOLD], [model.predict(HOUSEHOLD)], 1);
    }
    const text = await metrics.registry.metrics();
    const named = new Set([...text.matchAll(/version="(v\d+)"/g)].map(([, version]) => version));
    expect([...named].sort()).toEqual(['v17', 'v18', 'v19']);
    expect(text.match(/^savings_model_info\{/gm)).toHaveLength(1);
    expect(text.match(/^savings_reference_rows\{/gm)).toHaveLength(1);
  });

  test('measure the process under the usual names, with nothing that is wrong on some runtime', async () => {
    const series = await read(newMetrics());
    const names = [...series.keys()].filter((name) => !name.startsWith('savings_'));
    expect(names.sort()).toEqual([
      'process_cpu_seconds_total',
      'process_max_fds',
      'process_open_fds',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
    ]);
    const age = Date.now() / 1000 - series.get('process_start_time_seconds')!;
    expect(Math.abs(age - process.uptime())).toBeLessThan(2);
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(20e6);
    expect(series.get('process_cpu_seconds_total')).toBeGreaterThan(0.01);
    expect(series.get('process_open_fds')).toBeGreaterThan(2);
    expect(series.get('process_max_fds')).toBeGreaterThan(series.get('process_open_fds')!);
  });

  test('see what held up the event loop', async () => {
    const metrics = newMetrics();
    await Bun.sleep(150);
    const until = performance.now() + 400;
    while (performance.now() < until);
    await Bun.sleep(150);
    expect((await read(metrics)).get('savings_event_loop_delay_max_seconds')).toBeGreaterThan(0.25);
  });
});

describe.skipIf(!requireTool('promtool'))('promtool check metrics', () => {
  test('finds nothing to say about them', async () => {
    const metrics = newMetrics();
    const model = await testModel();
    metrics.modelLive(model, 'champion', new Date());
    metrics.http.answered('POST', '/predict', 200, 1.5);
    metrics.predicted(model, 'champion', 'api', [HOUSEHOLD], [model.predict(HOUSEHOLD)], 1);
    const { exitCode, stdout, stderr } = Bun.spawnSync(['promtool', 'check', 'metrics'], {
      stdin: new TextEncoder().encode(await metrics.registry.metrics()),
    });
    expect({ exitCode, said: `${stdout}${stderr}` }).toEqual({ exitCode: 0, said: '' });
  });
});
