import { describe, expect, test } from 'bun:test';
import { isPrintable, printable, printableLines } from '../src/printable.ts';

describe('printable text', () => {
  test.each([
    '₹50,000 / month',
    'Épargne – « possible » l’été',
    'non‑breaking hyphen, no break',
    'मासिक आय क्‍ष',
    'الدخل الشهري',
    'می‌خواهم',
    '每月储蓄',
    '👩‍🌾 and ❤️',
    '<b>not HTML</b> & | *no* Markdown',
    '',
  ])('%p passes', (text) => {
    expect(isPrintable(text)).toBe(true);
    expect(printable(text)).toBe(text);
  });

  test.each([
    ['an escape sequence', '\u001b[2J\u001b]0;title\u0007'],
    ['a C1 control', '\u009b31m'],
    ['a line break', 'a\nb'],
    ['a tab', 'a\tb'],
    ['NUL', 'a\u0000'],
    ['DEL', 'a\u007f'],
    ['a bidi override', 'a\u202eb'],
    ['a bidi isolate', 'a\u2066b'],
    ['a right-to-left mark', 'a\u200fb'],
    ['a zero-width space', 'a\u200bb'],
    ['a byte order mark', '\ufeffa'],
    ['a soft hyphen', 'a\u00adb'],
    ['a line separator', 'a\u2028b'],
    ['a paragraph separator', 'a\u2029b'],
    ['a lone surrogate', 'a\ud800b'],
    ['private use', 'a\ue000b'],
    ['tag characters', '\u{e0041}'],
  ])('%s does not', (_, text) => {
    expect(isPrintable(text)).toBe(false);
    expect(isPrintable(printable(text))).toBe(true);
  });

  test('lines stay lines, and nothing else of them', () => {
    expect(printableLines('line 2: \u001b[31mbad\nline 3: bad')).toBe('line 2: ?[31mbad\nline 3: bad');
  });
});
