import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_NAMES } from '../../src/config.ts';

test('docs/settings.md lists every setting, and no other', () => {
  const text = readFileSync(join(import.meta.dir, '../../docs/settings.md'), 'utf8');
  const rows = [...text.matchAll(/^\| ([A-Z][A-Z0-9_, ]+) \|/gm)].flatMap(([, names]) => names.split(', '));
  expect(rows.toSorted()).toEqual(SETTING_NAMES.toSorted());
});
