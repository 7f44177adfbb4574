import { expect, test } from 'bun:test';
import { formatModelSelector, parseModelSelector } from '../../src/model/model-selector.ts';

test.each([
  ['2026-06.1', { version: '2026-06.1' }],
  ['channel:prod', { channel: 'prod' }],
])('%p is parsed, and formatted as it was', (text, selector) => {
  expect(parseModelSelector(text)).toEqual(selector);
  expect(formatModelSelector(selector)).toBe(text);
});

test.each(['', 'channel:', 'channel:../x', '../x', 'Version', 'a/b', '.hidden', 'x'.repeat(65)])(
  '%p names neither a version nor a channel',
  (text) => {
    expect(() => parseModelSelector(text)).toThrow(expect.objectContaining({ code: 'invalid' }));
  },
);
