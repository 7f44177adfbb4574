import { generateRows } from './households.ts';

const LINES_PER_CHUNK = 500;

/** Synthetic households as CSV text with a header, in chunks. None of their values needs quoting. */
export function* sampleCsv(rows: number, seed: number): Generator<string, void, void> {
  let headed = false;
  let lines: string[] = [];
  for (const household of generateRows(rows, seed)) {
    if (!headed) lines.push(Object.keys(household).join(','));
    headed = true;
    lines.push(Object.values(household).join(','));
    if (lines.length >= LINES_PER_CHUNK) {
      yield `${lines.join('\n')}\n`;
      lines = [];
    }
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
