import { describe, expect, test } from 'bun:test';
import { createLog, LineBuffer } from '../src/log.ts';

describe('createLog', () => {
  test('writes one JSON object a line, whatever is in it', () => {
    const lines: string[] = [];
    const log = createLog('info', 'json', (line) => lines.push(line));
    log.info('two\nlines "quoted"', { route: '/predict', ms: 1.25, none: undefined, nothing: null });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(lines[0])).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'info',
      message: 'two\nlines "quoted"',
      route: '/predict',
      ms: 1.25,
      nothing: null,
    });
  });

  test('needs no fields, nor any that is defined', () => {
    const lines: string[] = [];
    const log = createLog('info', 'json', (line) => lines.push(line));
    log.info('ready');
    log.info('ready', { why: undefined });
    const line = { time: expect.any(String), level: 'info', message: 'ready' };
    expect(lines.map((text) => JSON.parse(text))).toEqual([line, line]);
  });

  test('leaves out what is below its level', () => {
    const lines: string[] = [];
    const log = createLog('warn', 'json', (line) => lines.push(line));
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['c', 'd']);
  });

  test('is readable on a terminal', () => {
    const lines: string[] = [];
    createLog('info', 'pretty', (line) => lines.push(line)).warn('slow', { ms: 12, why: 'a disk' });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn {2}slow ms=12 why="a disk"\n$/);
  });

  test('steers no terminal', () => {
    const lines: string[] = [];
    const log = createLog('info', 'pretty', (line) => lines.push(line));
    log.warn('bad\u001b[2J', { why: 'a\u009b2J \u202e disk' });
    expect(lines[0]).toMatch(/ bad\?\[2J why="a\?2J \? disk"\n$/);
  });
});

describe('LineBuffer', () => {
  test('writes lines together, in their order, within a moment', async () => {
    const writes: string[] = [];
    const buffer = new LineBuffer((text) => writes.push(text));
    buffer.write('a\n', false);
    buffer.write('b\n', false);
    expect(writes).toEqual([]);
    for (let i = 0; i < 100 && writes.length === 0; i++) await Bun.sleep(20);
    expect(writes).toEqual(['a\nb\n']);
  });

  test('writes what is urgent at once, after what came before it', () => {
    const writes: string[] = [];
    const buffer = new LineBuffer((text) => writes.push(text));
    buffer.write('a\n', false);
    buffer.write('fire\n', true);
    expect(writes).toEqual(['a\nfire\n']);
  });

  test('holds no more than it should, and nothing at the end', () => {
    const writes: string[] = [];
    const buffer = new LineBuffer((text) => writes.push(text));
    const line = `${'x'.repeat(999)}\n`;
    for (let i = 0; i < 200; i++) buffer.write(line, false);
    expect(Math.max(...writes.map((text) => text.length))).toBeLessThanOrEqual(66_535);
    buffer.flush();
    expect(writes.join('')).toBe(line.repeat(200));
    buffer.flush();
    expect(writes.at(-1)).not.toBe('');
  });
});
