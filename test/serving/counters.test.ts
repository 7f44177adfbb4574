import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Counter, Histogram, Registry } from 'prom-client';
import { LabelledCounter, LabelledHistogram } from '../../src/serving/counters.ts';

/** Lines in an order of their own: only what is said counts. */
const lines = async (registry: Registry) => (await registry.metrics()).trim().split('\n').sort();

describe('LabelledMetric', () => {
  test('says what prom-client would of the same events', async () => {
    const ours = new Registry();
    const theirs = new Registry();
    const labelNames: ('route' | 'status')[] = ['route', 'status'];
    const count = new LabelledCounter(ours, 'requests_total', 'Requests.', labelNames);
    const spread = new LabelledHistogram(ours, 'seconds', 'Time.', ['route'], [0, 0.25, 1]);
    const counter = new Counter({
      name: 'requests_total',
      help: 'Requests.',
      labelNames,
      registers: [theirs],
    });
    const histogram = new Histogram({
      name: 'seconds',
      help: 'Time.',
      labelNames: ['route'],
      buckets: [0, 0.25, 1],
      registers: [theirs],
    });
    const event = fc.record({
      route: fc.constantFrom('/', '/a', '/a"b\\c'),
      status: fc.constantFrom('200', '500'),
      // On a bound, between and beyond them; whole sixteenths, whose sum is exact in any order.
      value: fc.integer({ min: -16, max: 32 }).map((sixteenths) => sixteenths / 16),
    });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        for (const { route, status, value } of events) {
          count.child({ route, status }).value++;
          spread.child({ route }).observe(value);
          counter.inc({ route, status });
          histogram.observe({ route }, value);
        }
      }),
    );
    expect(await lines(ours)).toEqual(await lines(theirs));
  });

  test('has a series at 0 as soon as somebody holds it, and none that was forgotten', async () => {
    const registry = new Registry();
    const count = new LabelledCounter(registry, 'n_total', 'N.', ['version', 'surface']);
    for (const version of ['a', 'b']) for (const surface of ['x', 'y']) count.child({ version, surface });
    expect(await registry.metrics()).toContain('n_total{version="a",surface="y"} 0\n');
    count.forget({ version: 'a' });
    const text = await registry.metrics();
    expect(text).not.toContain('version="a"');
    expect(text).toContain('n_total{version="b",surface="x"} 0\n');
  });
});
