import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import {
  bundledFolders,
  lockKey,
  packageRecord,
  parseLockFile,
  productionPackages,
} from '../../tools/package-records.ts';

const ROOT = join(import.meta.dir, '../..');

describe('the records of what is compiled in', () => {
  const locked = productionPackages(parseLockFile(readFileSync(join(ROOT, 'bun.lock'), 'utf8')));

  test('are of packages that the dependencies need, and of no tool', () => {
    for (const [name, version] of Object.entries(manifest.dependencies)) {
      expect(locked.get(name)).toBe(`${name}@${version}`);
    }
    for (const name of ['typescript', 'ajv', 'playwright-core']) expect(locked.has(name)).toBe(false);
  });

  test('are of all that the bundler reads of node_modules', async () => {
    const { metafile } = await Bun.build({
      entrypoints: [join(ROOT, 'src/main.ts')],
      target: 'bun',
      metafile: true,
    });
    const keys = bundledFolders(metafile!).map(lockKey);
    expect(keys).toContain('hono');
    for (const key of keys) expect(locked.has(key)).toBe(true);
  });

  test('tell a nested package from the one above it', () => {
    const inputs = {
      'node_modules/a/node_modules/@s/b/x.js': {},
      'node_modules/a/y.js': {},
      'src/main.ts': {},
    };
    expect(bundledFolders({ inputs })).toEqual(['node_modules/a', 'node_modules/a/node_modules/@s/b']);
    expect(lockKey('node_modules/a/node_modules/@s/b')).toBe('a/@s/b');
  });

  test('stop at another version than is locked', () => {
    expect(() => packageRecord(locked, 'node_modules/hono', { name: 'hono', version: '0.0.1' })).toThrow(
      /^Cannot list what is compiled in: node_modules\/hono holds hono@0\.0\.1, and bun\.lock has hono@/,
    );
  });
});
