import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dir, '..');
const SRC = join(ROOT, 'src');

interface Row {
  /** Folders and files at the top of src. `type:` before one: its types alone, so that nothing of it runs. */
  src?: string;
  /** Packages of npm, modules of `node:`, and what lies outside src. */
  other?: string;
}

/**
 * What each folder of src, or file at its top, may import beside itself: dependencies point one way. The table in
 * docs/architecture.md says the same, but for the modules of `node:`.
 */
const MAY_IMPORT: Readonly<Record<string, Row>> = {
  errors: {},
  deadline: {},
  printable: {},
  port: {},
  'listen-address': {},
  'quality-values': {},
  runtime: {},
  'local-path': { other: 'node:path' },
  version: { other: '../package.json' },
  log: { src: 'printable' },
  // Only their URLs: what runs there is a program of its own.
  workers: { src: 'dataset forest model' },
  config: { src: 'errors listen-address local-path port printable model', other: 'zod node:os' },
  forest: { src: 'errors', other: 'ml-random-forest zod' },
  model: { src: 'deadline errors printable forest', other: 'zod node:buffer node:crypto node:zlib' },
  store: {
    src: 'deadline errors model',
    other: '@aws-sdk/client-s3 node:buffer node:crypto node:fs node:os node:path node:timers',
  },
  serving: {
    src: 'errors type:log type:config model store',
    other: 'prom-client node:crypto node:fs',
  },
  // What is needed to draw is in the props. (JSX itself is hono's, by the pragma of each file.)
  views: { src: 'quality-values type:model', other: 'hono d3-scale d3-shape' },
  dataset: {
    src: 'errors printable model',
    other: 'hyparquet hyparquet-writer node:crypto node:stream node:timers node:zlib',
  },
  training: {
    src: 'errors printable version forest model dataset',
    other: 'zod node:crypto node:timers node:zlib',
  },
  http: {
    src: 'deadline errors printable type:log quality-values version model type:serving views dataset',
    other: 'hono zod htmx.org ../public node:crypto node:fs node:path node:stream node:timers node:zlib',
  },
  cli: {
    src: `deadline errors printable local-path log listen-address port version runtime workers config
      model store serving http dataset training`,
    other: 'zod prom-client node:crypto node:fs node:os node:path node:timers node:util',
  },
  main: { src: 'cli' },
};

const words = (text = '') => text.split(/\s+/).filter(Boolean);

interface Import {
  specifier: string;
  typesOnly: boolean;
}

const STATIC = /\b(?:import|export)\b(\s+type\b)?(?:[\s\w$*,{}]*?\bfrom\b)?\s*(['"`])([^'"`\n]+)\2/g;
const DYNAMIC = /\b(?:import|require)\s*\(\s*(['"`])([^'"`\n]+)\1/g;
const URL_OF_MODULE = /\bURL\(\s*(['"`])(\.[^'"`\n]+)\1/g;
const COMPUTED = /\b(?:import|require)\s*\(\s*[^'"`\s]/g;

function importsOf(text: string): Import[] {
  const values = [DYNAMIC, URL_OF_MODULE].flatMap((pattern) => [...text.matchAll(pattern)]);
  return [
    ...[...text.matchAll(STATIC)].map((match) => ({
      specifier: String(match[3]),
      typesOnly: match[1] !== undefined,
    })),
    ...values.map((match) => ({ specifier: String(match[2]), typesOnly: false })),
    ...[...text.matchAll(COMPUTED)].map(() => ({ specifier: 'something computed', typesOnly: false })),
  ];
}

/** The row of the table that a path under src belongs to: its folder, or its own name. */
const rowOf = (path: string) => String(path.split('/')[0]).replace(/\.tsx?$/, '');

/** What the table calls a specifier in this file: `model`, `zod`, `node:fs`, `../public`. */
function nameOf(file: string, specifier: string): { kind: keyof Row; name: string } {
  if (specifier.startsWith('.')) {
    const path = join(dirname(file), specifier);
    const outside = path.startsWith('..');
    return outside
      ? { kind: 'other', name: path.split('/').slice(0, 2).join('/') }
      : { kind: 'src', name: rowOf(path) };
  }
  return { kind: 'other', name: String(/^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0]) };
}

/** What a file imports against the table, as sentences. @param file its path under src */
function faultsOf(file: string, text: string): string[] {
  const row = rowOf(file);
  const allowed = MAY_IMPORT[row];
  if (allowed === undefined) return [`${row} is not in the table`];
  return importsOf(text).flatMap(({ specifier, typesOnly }) => {
    const { kind, name } = nameOf(file, specifier);
    const names = words(allowed[kind]);
    if ((kind === 'src' && name === row) || names.includes(name)) return [];
    if (!names.includes(`type:${name}`)) return [`${file} imports ${specifier}`];
    return typesOnly ? [] : [`${file} imports more than types of ${specifier}`];
  });
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.d)\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));

describe('the architecture', () => {
  test('imports point inward only, and packages are where they belong', () => {
    expect(files.flatMap(({ file, text }) => faultsOf(file, text))).toEqual([]);
  });

  test('no row of the table allows more than is needed', () => {
    const used = new Set(
      files.flatMap(({ file, text }) =>
        importsOf(text).map(({ specifier }) => `${rowOf(file)} ${nameOf(file, specifier).name}`),
      ),
    );
    const unused = Object.entries(MAY_IMPORT).flatMap(([row, { src, other }]) =>
      [...words(src), ...words(other)]
        .map((name) => `${row} ${name.replace('type:', '')}`)
        .filter((pair) => !used.has(pair)),
    );
    expect(unused).toEqual([]);
  });

  test.each([
    ['upward', 'forest/predict.ts', "import { Model } from '../model/model.ts';"],
    ['types upward', 'model/model.ts', "import type { App } from '../http/app.ts';"],
    ['in double quotes', 'model/model.ts', 'import { createApp } from "../http/app.ts";'],
    ['in backticks', 'model/model.ts', 'const app = await import(`../http/app.ts`);'],
    ['on several lines', 'model/model.ts', "import {\n  type App,\n  createApp,\n} from '../http/app.ts';"],
    ['of a namespace', 'model/model.ts', "import * as app from '../http/app.ts';"],
    ['by export', 'model/model.ts', "export * from '../http/app.ts';"],
    ['for its effect', 'model/model.ts', "import '../http/app.ts';"],
    ['dynamic', 'model/model.ts', "const app = import(\n  '../http/app.ts'\n);"],
    ['by require', 'model/model.ts', "const app = require('../http/app.ts');"],
    ['by URL', 'model/model.ts', "new Worker(new URL('../http/app.ts', import.meta.url));"],
    ['computed', 'model/model.ts', 'await import(name);'],
    ['of a type inside a type', 'model/model.ts', "type App = import('../http/app.ts').App;"],
    ['of values where types are allowed', 'views/layout.tsx', "import { Model } from '../model/model.ts';"],
    ['of a value beside a type', 'views/layout.tsx', "import { type A, b } from '../model/model.ts';"],
    ['of the file system in the engine', 'forest/predict.ts', "import { readFileSync } from 'node:fs';"],
    ['of its promises', 'forest/predict.ts', "import { readFile } from 'node:fs/promises';"],
    ['without node:', 'forest/predict.ts', "import { readFileSync } from 'fs';"],
    ['of hono in the engine', 'forest/predict.ts', "import { Hono } from 'hono';"],
    ['of an SDK in the model', 'model/model.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['of a package that nobody has', 'http/app.ts', "import x from 'left-pad';"],
    ['of the runtime', 'http/app.ts', "import { serve } from 'bun';"],
    ['of test', 'http/app.ts', "import { HOUSEHOLD } from '../../test/support/app.ts';"],
    ['of grafana', 'main.ts', "import { service } from '../grafana/src/service.ts';"],
    ['of tools', 'cli/command.ts', "import { faultsOf } from '../../tools/kubernetes-schema.ts';"],
    ['of bench', 'serving/drift.ts', "import { measure } from '../../bench/measure.ts';"],
    ['in a folder without a row', 'helpers/all.ts', ''],
  ])('a planted import is seen: %s', (_, file, text) => {
    expect(faultsOf(file, text)).toHaveLength(1);
  });

  test.each([
    ['types where types are allowed', 'views/layout.tsx', "import type { Model } from '../model/model.ts';"],
    ['its own folder', 'views/form/form.tsx', "import { Field } from './field.tsx';"],
    ['a part of a package', 'http/app.ts', "import { getCookie } from 'hono/cookie';"],
    [
      'a file of its own',
      'http/assets.ts',
      "import style from '../../public/css/base.css' with { type: 'text' };",
    ],
  ])('what is allowed passes: %s', (_, file, text) => {
    expect(faultsOf(file, text)).toEqual([]);
  });

  test('docs/architecture.md has the same table', () => {
    expect(documentedTable()).toEqual(
      Object.fromEntries(
        Object.entries(MAY_IMPORT).map(([row, { src, other }]) => {
          const isFolder = files.some(({ file }) => file.startsWith(`${row}/`));
          const packages = words(other).filter((name) => !/^(node:|\.\.)/.test(name));
          return [row, { src: words(src).sort(), packages: isFolder ? packages.sort() : [] }];
        }),
      ),
    );
  });

  test('every file with JSX says whose it is: started in another folder, Bun reads no tsconfig.json', () => {
    const without = files.filter(
      ({ file, text }) => file.endsWith('.tsx') && !text.startsWith('/** @jsxImportSource hono/jsx */'),
    );
    expect(without.map(({ file }) => file)).toEqual([]);
  });

  test('only runtime.ts names Bun or Deno', () => {
    const named = files.filter(
      ({ file, text }) => file !== 'runtime.ts' && /\b(Bun|Deno)\.\w|globalThis.*\b(Bun|Deno)\b/.test(text),
    );
    expect(named.map(({ file }) => file)).toEqual([]);
  });

  test('the environment is read by main.ts alone', () => {
    expect(files.filter(({ text }) => text.includes('process.env')).map(({ file }) => file)).toEqual([]);
  });
});

/** The two tables of docs/architecture.md: folders with the packages they import, and files. */
function documentedTable(): Record<string, { src: string[]; packages: string[] }> {
  const table: Record<string, { src: string[]; packages: string[] }> = {};
  const list = (text = '') => text.split(/, | and /).filter((name) => name !== '' && name !== 'nothing');
  for (const line of readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').split('\n')) {
    const [names = '', , imports = '', packages] = line.split(/ *\| */).slice(1, -1);
    if (!/^`[\w-]+(\/|\.ts)`/.test(names) || names.includes('.d.ts')) continue;
    for (const [, row = ''] of names.matchAll(/`([\w-]+)(?:\/|\.ts)`/g)) {
      const allBut = /^all but (.*)$/.exec(imports)?.[1];
      const src = allBut
        ? Object.keys(MAY_IMPORT).filter((name) => name !== row && !list(allBut).includes(name))
        : list(imports).map((name) => name.replace(/^types of /, 'type:'));
      table[row] = { src: src.sort(), packages: list(packages).sort() };
    }
  }
  return table;
}
