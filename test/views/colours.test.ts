import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const css = readFileSync(join(import.meta.dir, '../../public/css/base.css'), 'utf8');
const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]*)\}/g)].map((match) => match[1]);

const colours = (block: string) =>
  new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]));
const SCHEMES = { light: colours(light), dark: new Map([...colours(light), ...colours(dark)]) };

/** Relative luminance of sRGB (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const TEXT: [string, string[]][] = [
  ['ink', ['paper', 'card', 'sunken']],
  ['soft', ['paper', 'card', 'sunken']],
  ['accent', ['paper', 'card', 'accent-paper']],
  ['on-accent', ['accent']],
  ['warn', ['warn-paper', 'card']],
  ['bad', ['bad-paper']],
];
const SERIES = Array.from({ length: 7 }, (_, i) => `series-${i}`);
const MARKS = ['plain', 'spent', 'left', 'saved', 'limit', 'fair', 'field', ...SERIES];

describe.each(Object.entries(SCHEMES))('the colours of the %s scheme', (_, colour) => {
  const of = (name: string) => {
    const value = colour.get(name);
    if (value === undefined) throw new Error(`there is no colour ${name}`);
    return value;
  };

  test.each(TEXT.flatMap(([name, papers]) => papers.map((paper) => [name, paper] as const)))(
    '%s can be read on %s',
    (name, paper) => expect(contrast(of(name), of(paper))).toBeGreaterThanOrEqual(4.5),
  );

  test.each(MARKS)('%s stands out from a card as a mark', (name) => {
    expect(contrast(of(name), of('card'))).toBeGreaterThanOrEqual(3);
  });
});

test('contrast is computed as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
