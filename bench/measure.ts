import { cpus, loadavg } from 'node:os';

/** Something to be timed: `run` does it once and returns a number that depends on the answer. */
export interface Candidate {
  name: string;
  run(): number | Promise<number>;
}

const ROUNDS = 15;
const ROUND_MS = 30;
/** Long enough for the threads of whoever ran before to fall asleep. */
const PAUSE_MS = 25;

/** Keeps what was computed, so that no compiler leaves the computing out. */
export let sink = 0;

export const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Milliseconds a run, medians. */
export interface Timing {
  wall: number;
  /** Of all the process's threads: what a prediction takes from others, whatever else the machine does meanwhile. */
  cpu: number;
}

/** Timings by name. Candidates take turns, so that a busy moment of the machine hits them alike. */
export async function sideBySide(candidates: Candidate[]): Promise<Map<string, Timing>> {
  const rounds = new Map<string, Timing[]>(candidates.map(({ name }) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, run } of candidates) {
      await Bun.sleep(PAUSE_MS);
      const cpuBefore = process.cpuUsage();
      const start = performance.now();
      let runs = 0;
      do {
        const answer = run();
        // Awaiting what is no promise would cost as much as a prediction.
        sink += typeof answer === 'number' ? answer : await answer;
        runs++;
      } while (performance.now() - start < ROUND_MS);
      const wall = (performance.now() - start) / runs;
      const { user, system } = process.cpuUsage(cpuBefore);
      // The first round warms up.
      if (round >= 0) rounds.get(name)!.push({ wall, cpu: (user + system) / 1_000 / runs });
    }
  }
  const middle = (timings: Timing[]): Timing => ({
    wall: median(timings.map(({ wall }) => wall)),
    cpu: median(timings.map(({ cpu }) => cpu)),
  });
  return new Map([...rounds].map(([name, timings]) => [name, middle(timings)]));
}

/** Of the last minute. */
export const load = () => loadavg()[0].toFixed(1);

export function machine(): string {
  const [cpu] = cpus();
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpu.model.trim()}, load ${load()}, Bun ${Bun.version}`;
}

export function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
