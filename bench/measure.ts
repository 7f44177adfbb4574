import { cpus } from 'node:os';

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

/** Median milliseconds a run, by name. Candidates take turns, so that a busy moment of the machine hits them alike. */
export async function sideBySide(candidates: Candidate[]): Promise<Map<string, number>> {
  const times = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, run } of candidates) {
      await Bun.sleep(PAUSE_MS);
      const start = performance.now();
      let runs = 0;
      do {
        const answer = run();
        // Awaiting what is no promise would cost as much as a prediction.
        sink += typeof answer === 'number' ? answer : await answer;
        runs++;
      } while (performance.now() - start < ROUND_MS);
      // The first round warms up.
      if (round >= 0) times.get(name)!.push((performance.now() - start) / runs);
    }
  }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

export function machine(): string {
  const [cpu] = cpus();
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpu.model.trim()}, Bun ${Bun.version}`;
}

export function table(head: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
