import { readdirSync, readFileSync } from 'node:fs';
import { Counter, Gauge, type Registry } from 'prom-client';

const LOOK_EVERY_MS = 100;
const WINDOW_MS = 30_000;

/**
 * Registers what the process uses, under the names that every Prometheus client gives them. The rest of prom-client's
 * own set is missing or wrong on Bun (no garbage collections, no handles, a heap of gigabytes), and its event-loop lag is
 * wrong in Deno. What the machine does not tell (no /proc on macOS) is left out.
 */
export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time spent, in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.', () => startedAt);
  gauge(
    'process_resident_memory_bytes',
    'Memory that the process holds in RAM.',
    () => process.memoryUsage().rss,
  );
  const limit = openFilesLimit();
  if (limit !== undefined) {
    gauge(
      'process_open_fds',
      'Open file descriptors, connections among them.',
      () => readdirSync('/proc/self/fd').length,
    );
    gauge('process_max_fds', 'How many file descriptors may be open.', () => limit);
  }
  const delay = watchEventLoop();
  gauge(
    'savings_event_loop_delay_max_seconds',
    'The longest that anything had to wait for the event loop within the last half to whole minute.',
    () => delay() / 1000,
  );
}

function openFilesLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/**
 * A timer that should come every 100 ms, and how late it came. It sees every stall longer than that and, of shorter
 * ones, a share. Read as often as you like: a reading does not reset it, since more than one may scrape.
 *
 * @returns the longest delay in milliseconds
 */
function watchEventLoop(): () => number {
  let longest = 0;
  let longestBefore = 0;
  let windowEnds = performance.now() + WINDOW_MS;
  let due = performance.now() + LOOK_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    if (now > windowEnds) {
      longestBefore = longest;
      longest = 0;
      windowEnds = now + WINDOW_MS;
    }
    longest = Math.max(longest, now - due);
    due = now + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => Math.max(longest, longestBefore);
}
