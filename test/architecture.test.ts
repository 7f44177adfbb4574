import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const SRC = join(import.meta.dir, '../src');

/** What each folder (or file at the top) may import, beside itself. Dependencies point one way. */
const MAY_IMPORT: Record<string, string[]> = {
  'errors.ts': [],
  'printable.ts': [],
  'local-path.ts': [],
  'log.ts': ['printable.ts'],
  'listen-address.ts': [],
  'port.ts': [],
  'quality-values.ts': [],
  'version.ts': [],
  'runtime.ts': [],
  // Only their URLs: what runs there is a program of its own.
  'workers.ts': ['forest', 'model'],
  'config.ts': ['errors.ts', 'listen-address.ts', 'local-path.ts', 'port.ts', 'model'],
  forest: ['errors.ts'],
  model: ['errors.ts', 'printable.ts', 'forest'],
  store: ['errors.ts', 'model'],
  serving: ['errors.ts', 'log.ts', 'config.ts', 'model', 'store'],
  views: ['quality-values.ts', 'model'],
  http: ['errors.ts', 'log.ts', 'quality-values.ts', 'version.ts', 'model', 'serving', 'views', 'dataset'],
  dataset: ['errors.ts', 'model'],
  training: ['errors.ts', 'forest', 'model', 'dataset'],
  cli: [
    'errors.ts',
    'printable.ts',
    'local-path.ts',
    'log.ts',
    'listen-address.ts',
    'port.ts',
    'version.ts',
    'runtime.ts',
    'workers.ts',
    'config.ts',
    'forest',
    'model',
    'store',
    'serving',
    'http',
    'dataset',
    'training',
  ],
  'main.ts': ['cli'],
};

/** An import that does not point inward, as text; undefined when it is fine. */
function fault(file: string, target: string): string | undefined {
  const from = file.split('/')[0];
  const to = target.split('/')[0];
  if (to === '..' || from === to || MAY_IMPORT[from]?.includes(to)) return undefined;
  return `${file} imports ${target}`;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /(?<!\.d)\.tsx?$/.test(file),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import|import\(|URL\()\s*'(\.{1,2}\/[^']+)'/g)].map(
    (match) => match[1],
  );
  return specifiers.map((specifier) => relative(SRC, join(SRC, dirname(file), specifier)));
}

describe('the architecture', () => {
  test('imports point inward only', () => {
    expect(
      files.flatMap((file) => importsOf(file).map((target) => fault(file, target))).filter(Boolean),
    ).toEqual([]);
  });

  test('a planted upward import is seen', () => {
    expect(fault('forest/predict.ts', 'model/model.ts')).toBeDefined();
    expect(fault('model/model.ts', 'http/app.ts')).toBeDefined();
  });

  test('only runtime.ts names Bun or Deno', () => {
    const named = files.filter(
      (file) =>
        file !== 'runtime.ts' &&
        /\b(Bun|Deno)\.|globalThis.*\b(Bun|Deno)\b/.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(named).toEqual([]);
  });

  test('the environment is read by main.ts alone', () => {
    const readers = files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('process.env'));
    expect(readers).toEqual([]);
  });
});
