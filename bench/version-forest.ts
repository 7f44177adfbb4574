import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { flatten } from '../src/forest/flatten.ts';
import type { Forest } from '../src/forest/forest.ts';
import { checkForest } from '../src/forest/format.ts';
import { FILES, type Manifest } from '../src/model/manifest.ts';

/** The forest of a version's folder. */
export function versionForest(folder: string): Forest {
  const read = (file: string) => readFileSync(join(folder, file));
  const { encoding } = JSON.parse(read(FILES.manifest).toString()) as Manifest;
  const json = JSON.parse(gunzipSync(read(FILES.forest)).toString());
  return flatten(checkForest(json, { features: encoding.length }), encoding.length);
}
