import { expect, test } from 'bun:test';
import { Registry } from 'prom-client';
import { InFlight } from '../../src/serving/in-flight.ts';
import { registerInFlightMetrics } from '../../src/serving/in-flight-metrics.ts';

test('what is under way stands beside its limit, and what was refused counts from 0, however often it is read', async () => {
  const [registry, inFlight] = [new Registry(), new InFlight()];
  registerInFlightMetrics(registry, inFlight, { requests: 512, batches: 8 });
  const read = async () =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const limits = [
    'savings_in_flight_limit{kind="requests"} 512',
    'savings_in_flight_limit{kind="batches"} 8',
  ];
  expect(await read()).toEqual([
    'savings_in_flight{kind="requests"} 0',
    'savings_in_flight{kind="batches"} 0',
    ...limits,
    'savings_overload_total{kind="requests"} 0',
    'savings_overload_total{kind="batches"} 0',
    'savings_overload_total{kind="disk"} 0',
  ]);
  inFlight.began();
  inFlight.began();
  inFlight.batches++;
  inFlight.refused.disk += 3;
  const expected = [
    'savings_in_flight{kind="requests"} 2',
    'savings_in_flight{kind="batches"} 1',
    ...limits,
    'savings_overload_total{kind="requests"} 0',
    'savings_overload_total{kind="batches"} 0',
    'savings_overload_total{kind="disk"} 3',
  ];
  expect(await read()).toEqual(expected);
  expect(await read()).toEqual(expected);
});
