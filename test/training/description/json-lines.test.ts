import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { readDescription } from '../../../src/training/description/read-description.ts';
import { jsonLines } from '../../../src/training/description/json-lines.ts';

const linesOf = (text: string) => Object.fromEntries(jsonLines(text).lines);

describe('jsonLines', () => {
  test('finds the line of every key and item', () => {
    const text = '{\n  "a": [\n    1,\n    { "b": "x: {", "c": null }\n  ],\n\n  "d": true }';
    expect(linesOf(text)).toEqual({ a: 2, 'a.0': 3, 'a.1': 4, 'a.1.b': 4, 'a.1.c': 4, d: 7 });
  });

  test('names keys that stand twice in one object, and no others', () => {
    const { twice } = jsonLines(
      '{ "a": { "b": 1, "c": { "b": 1 } }, "b": 1, "a": 2, "c\\u0061": 1, "ca": 2 }',
    );
    expect(twice).toEqual([['a'], ['ca']]);
  });

  test.each([
    ['{\n"a": 1,\n}', 2],
    ['{\n"a": 1\n"b": 2 }', 2],
    ['{\n"a" 1 }', 2],
    ['[\n1\n2]', 2],
    ['{\n"a": [1, 2}\n}', 2],
    ["{\n\n'a': 1 }", 3],
    ['{\n"a": 1 }\n}', 2],
    ['{\n"a": {', 2],
    ['{ "a": 1,\n "b": nothing }', 2],
    ['{\n"a": "never closed\n}', 2],
    ['', 1],
  ])('tells where %j breaks', (text, line) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(jsonLines(text).brokenAt).toBe(line);
  });

  test('takes whatever JSON.stringify writes, and finds each key on its own line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const { brokenAt, lines, twice } = jsonLines(text);
        expect([brokenAt, twice]).toEqual([undefined, []]);
        // Paths are for people: a blank key, or a dot in one, makes two places look alike.
        const ambiguous = /"(?:[^"]*\.[^"]*)?":/.test(text);
        if (typeof value !== 'object' || value === null || ambiguous) return;
        const [first] = Object.keys(value);
        if (first !== undefined) expect(lines.get(first)).toBe(indent === 0 ? 1 : 2);
      }),
    );
  });

  test('looks no deeper than any description is', () => {
    const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(jsonLines(nested).brokenAt).toBe(1);
    expect(() => readDescription(new TextEncoder().encode(nested), 'it')).toThrow(
      'Cannot use it: it is no JSON; see line 1.',
    );
  });
});
