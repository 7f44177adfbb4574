import { setTimeout as sleep } from 'node:timers/promises';
import { withDeadline } from '../../deadline.ts';
import type { Server } from '../../runtime.ts';
import type { InFlight } from '../../serving/in-flight.ts';

export interface ShutdownOptions {
  server: Pick<Server, 'drain'>;
  inFlight: InFlight;
  /** The whole shutdown takes at most this long. */
  graceMs: number;
}

/** When no request has come for this long, whoever balances the load has seen that the server is not ready. */
const QUIET_MS = 2_000;
const LOOK_EVERY_MS = 50;

const OVER = new Error('The grace is over.');

/**
 * Stops being ready at once, and goes on serving: balancers take seconds to see it, and what they send until then must
 * be served. When no request has come for a while, or half of the grace is over, new connections are refused and
 * what is in flight ends. What is still in flight when the grace is over is left to be cut.
 */
export async function shutdownGracefully({ server, inFlight, graceMs }: ShutdownOptions): Promise<void> {
  inFlight.stopping = true;
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  while (elapsed() < graceMs / 2) {
    if (Math.min(inFlight.quietMs, elapsed()) >= QUIET_MS) break;
    await sleep(LOOK_EVERY_MS);
  }
  const timeoutMs = Math.max(0, graceMs - elapsed());
  await withDeadline(server.drain(), { timeoutMs }, () => OVER).catch((error) => {
    if (error !== OVER) throw error;
  });
}
