import { describe, expect, test } from 'bun:test';
import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { checkKey, checkPrefix, isKey } from '../../src/store/key.ts';

/** Text made of what could lead out of a root, and of what could not. */
const nasty = fc
  .array(
    fc.constantFrom(
      ...[
        '..',
        '.',
        '/',
        '//',
        '\\',
        '\0',
        '\n',
        ' ',
        '~',
        '%2e',
        ':',
        'C:',
        '-',
        'a',
        'A9',
        '_',
        '.a',
        'a.',
        '‥',
        'é',
      ],
      ...['con', '*', '?', '$HOME', '`', '"', 'a/b'],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('a key', () => {
  test('that passes stays under the root, as it stands, on every file system', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string(), fc.string({ unit: 'binary' })), (key) => {
        if (!isKey(key)) return;
        expect(posix.join('/root/of/store', key)).toBe(`/root/of/store/${key}`);
        expect(win32.join('C:\\root', key)).toBe(`C:\\root\\${key.replaceAll('/', '\\')}`);
        expect(new URL(`http://host/bucket/${key}`).pathname).toBe(`/bucket/${key}`);
      }),
      { numRuns: 1000 },
    );
  });

  test('is what the layout of a store uses', () => {
    for (const key of [
      'channels/prod.json',
      'versions/1.0.0-rc.1/forest.json.gz',
      'a',
      '_x',
      'MODEL_CARD.md',
    ])
      expect(checkKey(key)).toBe(key);
  });

  test('has no segment that is empty, begins with a dot or dash, or is too long', () => {
    const wrong = [
      '',
      '/',
      'a/',
      '/a',
      'a//b',
      '.',
      '..',
      'a/../b',
      './a',
      '.a',
      'a/.b',
      '-a',
      'a b',
      'a\\b',
      'a\n',
    ];
    for (const key of [...wrong, 'x'.repeat(201), 'x/'.repeat(400)])
      expect(() => checkKey(key)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  test('is never shown in the error', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), (key) => {
        if (isKey(`/${key}`)) return;
        expect(() => checkKey(`/SECRET${key}`)).toThrow(/^(?!.*SECRET)/s);
      }),
    );
  });
});

describe('a prefix', () => {
  test('is nothing, or a key and a slash', () => {
    for (const prefix of ['', 'versions/', 'versions/1.0.0/']) expect(checkPrefix(prefix)).toBe(prefix);
    for (const prefix of ['/', 'versions', '../', 'a//', './', 'versions/../'])
      expect(() => checkPrefix(prefix)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});
