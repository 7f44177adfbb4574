/**
 * Writes what scanners of images read of the packages that are compiled into the binary, which itself tells nothing of
 * them: for each a package.json where npm would put it, and one for Bun, which is the binary's larger part.
 *
 *   bun tools/package-records.ts dist/metafile.json FOLDER
 *
 * It reads bun.lock and node_modules of the current folder, and stops when they and the build do not agree.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a scanner reads of a package.json: which package it is, and on what terms. */
export interface PackageRecord {
  name: string;
  version: string;
  license?: string;
}

interface LockFile {
  workspaces: Record<string, { dependencies?: Record<string, string> }>;
  /** By the packages on the way, such as `ml-matrix/is-any-array`: ["name@version", ...]. */
  packages: Record<string, [string, string, { dependencies?: Record<string, string> }?, string?]>;
}

/** @param text bun.lock's, which is JSON with comments and trailing commas */
export function parseLockFile(text: string): LockFile {
  return Bun.JSONC.parse(text) as LockFile;
}

/** One package's name within node_modules. */
const NAME = /node_modules\/((?:@[^/]+\/)?[^/]+)/g;

/**
 * The folders of the packages that the bundler read a file of, such as `node_modules/hono`, sorted.
 *
 * @param metafile of `bun build --metafile`
 */
export function bundledFolders(metafile: { inputs: Record<string, unknown> }): string[] {
  const folders = Object.keys(metafile.inputs).flatMap((path) => {
    const names = [...path.matchAll(NAME)].map((match) => match[1]!);
    return names.length === 0 ? [] : [names.map((name) => `node_modules/${name}`).join('/')];
  });
  return [...new Set(folders)].sort();
}

/** How bun.lock names the package in a folder. */
export function lockKey(folder: string): string {
  return [...folder.matchAll(NAME)].map((match) => match[1]!).join('/');
}

/** All that a production install brings, by its key: what is depended on and what that depends on, as `name@version`. */
export function productionPackages({ workspaces, packages }: LockFile): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (from: string, name: string): void => {
    // As Node looks for a package: beside the one that asks, then in each folder above it.
    const above = from === '' ? [''] : [`${from}/`, ...parents(from)];
    const key = above.map((prefix) => prefix + name).find((candidate) => candidate in packages);
    // What is not installed on this platform is in no bundle either.
    if (key === undefined || found.has(key)) return;
    const [locked, , needs] = packages[key]!;
    found.set(key, locked);
    for (const next of Object.keys(needs?.dependencies ?? {})) visit(key, next);
  };
  for (const name of Object.keys(workspaces['']?.dependencies ?? {})) visit('', name);
  return found;
}

/** Of `a/@s/b/c`: `a/@s/b/`, `a/`, ``. */
function parents(key: string): string[] {
  const names = key.match(/(?:@[^/]+\/)?[^/]+/g) ?? [];
  return names
    .map((_, depth) =>
      names
        .slice(0, depth)
        .map((name) => `${name}/`)
        .join(''),
    )
    .reverse();
}

/**
 * @param locked of `productionPackages`
 * @param installed the package.json in the folder
 * @throws Error when it is another package or version than bun.lock has there, or none that is depended on
 */
export function packageRecord(
  locked: Map<string, string>,
  folder: string,
  installed: PackageRecord,
): PackageRecord {
  const found = `${installed.name}@${installed.version}`;
  const expected = locked.get(lockKey(folder)) ?? 'no such package';
  if (found !== expected) {
    throw new Error(
      `Cannot list what is compiled in: ${folder} holds ${found}, and bun.lock has ${expected} among what dependencies need. ` +
        'Run bun install --frozen-lockfile, and build again.',
    );
  }
  const { name, version, license } = installed;
  return typeof license === 'string' ? { name, version, license } : { name, version };
}

function write(folder: string, record: PackageRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(record)}\n`);
}

if (import.meta.main) {
  const [metafile, target] = process.argv.slice(2);
  if (metafile === undefined || target === undefined) {
    console.error('Cannot list what is compiled in: usage: bun tools/package-records.ts METAFILE FOLDER');
    process.exit(2);
  }
  const locked = productionPackages(parseLockFile(readFileSync('bun.lock', 'utf8')));
  for (const folder of bundledFolders(JSON.parse(readFileSync(metafile, 'utf8')))) {
    const installed = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    write(join(target, folder), packageRecord(locked, folder, installed));
  }
  // Advisories name Bun as the package that npm has of it.
  write(join(target, 'node_modules/bun'), { name: 'bun', version: Bun.version, license: 'MIT' });
}
