import { BodyTimeoutError } from './errors.ts';

/** Whoever sends a byte now and then would otherwise hold a request open for ever. */
const DEADLINE_SECONDS = 30;

interface Reading {
  /** Ticks of the clock when it began. */
  since: number;
  reject(reason: unknown): void;
}

/** Of the whole process, as timers are; in the order in which they began. */
const readings = new Set<Reading>();
let clock: ReturnType<typeof setInterval> | undefined;
let ticks = 0;

/**
 * What is read, or BodyTimeoutError when it does not come in time, to the second. One clock ticks for all bodies, and
 * only while there are any: a timer for each costs as much as to check what it brings.
 */
export function withinDeadline<T>(reading: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const entry = { since: ticks, reject };
    readings.add(entry);
    clock ??= setInterval(tick, 1_000);
    reading.then(
      (value) => {
        readings.delete(entry);
        resolve(value);
      },
      (error) => {
        readings.delete(entry);
        reject(error);
      },
    );
  });
}

function tick(): void {
  ticks++;
  for (const reading of readings) {
    if (ticks - reading.since <= DEADLINE_SECONDS) return;
    readings.delete(reading);
    reading.reject(new BodyTimeoutError(DEADLINE_SECONDS));
  }
  clearInterval(clock);
  clock = undefined;
}
