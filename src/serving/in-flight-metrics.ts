import { Counter, Gauge, type Registry } from 'prom-client';
import type { InFlight } from './in-flight.ts';

/**
 * Registers what is under way beside how much may be, and what was refused for it. A 503 that is counted here is
 * overload; any other one is a server without a model.
 *
 * @param limits how many of each may be under way at once
 */
export function registerInFlightMetrics(
  registry: Registry,
  inFlight: InFlight,
  limits: Readonly<Record<'requests' | 'batches', number>>,
): void {
  const registers = [registry];
  new Gauge({
    name: 'savings_in_flight',
    help: 'Requests without the probes, and CSVs among them, that are under way right now.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.set({ kind: 'requests' }, inFlight.count);
      this.set({ kind: 'batches' }, inFlight.batches);
    },
  });
  const limit = new Gauge({
    name: 'savings_in_flight_limit',
    help: 'How many may be under way at once; more are refused with 503.',
    labelNames: ['kind'],
    registers,
  });
  for (const [kind, most] of Object.entries(limits)) limit.set({ kind }, most);
  new Counter({
    name: 'savings_overload_total',
    help: 'Requests refused with 503 since too much was under way: requests, CSVs, or bodies that wait on disk.',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      for (const [kind, refused] of Object.entries(inFlight.refused)) this.inc({ kind }, refused);
    },
  });
}
