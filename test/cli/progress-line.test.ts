import { describe, expect, test } from 'bun:test';
import { duration, ProgressLine } from '../../src/cli/progress-line.ts';

function shown(isTTY: boolean, updates: [atMs: number, what: string, done: number, total?: number][]) {
  let now = 0;
  let text = '';
  const stream = { isTTY, write: (piece: string) => (text += piece) } as never;
  const line = new ProgressLine(stream, () => now);
  for (const [atMs, what, done, total] of updates) {
    now = atMs;
    line.update(what, done, total);
  }
  line.end();
  return text;
}

describe('ProgressLine', () => {
  test('writes one line over on a terminal, with the time left, and clears it', () => {
    const text = shown(true, [
      [0, 'growing trees', 0, 100],
      [1000, 'growing trees', 25, 100],
      [1050, 'growing trees', 26, 100],
      [2000, 'growing trees', 50, 100],
    ]);
    expect(text).toBe(
      '\r\x1b[Kgrowing trees: 25 of 100, 3 s left\r\x1b[Kgrowing trees: 50 of 100, 2 s left\r\x1b[K',
    );
  });

  test('writes whole lines elsewhere, and few', () => {
    const text = shown(false, [
      [1000, 'growing trees', 10, 100],
      [6000, 'growing trees', 60, 100],
      [7000, 'growing trees', 70, 100],
    ]);
    expect(text).toBe('growing trees: 60 of 100, 3 s left\n');
  });

  test('estimates each kind of work by itself, and none without a total', () => {
    const text = shown(true, [
      [0, 'growing trees', 0, 100],
      [8000, 'scoring', 0, 1000],
      [9000, 'scoring', 500, 1000],
      [9500, 'rows scored', 12_345],
    ]);
    expect(text).toContain('scoring: 500 of 1,000, 1 s left');
    expect(text).toContain('rows scored: 12,345\r');
  });
});

describe('duration', () => {
  test('is in seconds, then in minutes', () => {
    expect([duration(400), duration(59_400), duration(125_000)]).toEqual(['0 s', '59 s', '2 min 5 s']);
  });
});
