import { AppError } from '../errors.ts';
import { type Artifact, checkArtifact } from '../model/artifact.ts';
import { loadModel } from '../model/load.ts';
import { FILES } from '../model/manifest.ts';
import type { Model } from '../model/model.ts';
import { DirectorySource } from '../serving/source.ts';
import { DirectoryStore } from '../store/directory.ts';
import { spawnLoadWorker } from '../workers.ts';

const MAX_FILE_BYTES = 256 << 20;
const READ_MS = 60_000;

/**
 * A verified model from a directory: a version's own folder, or one with versions/ and channels/ in it, as MODEL_DIR.
 *
 * @param reference a version or `channel:<name>`; without it what a server would choose
 * @throws AppError `not_found`, `corrupt`, `invalid`, `unavailable`
 */
export async function openModel(directory: string, reference: string | undefined): Promise<Model> {
  const folder = reference === undefined ? await readVersionFolder(directory) : undefined;
  return loadModel(folder ?? (await readRegistry(directory, reference)), { spawn: spawnLoadWorker });
}

async function readRegistry(directory: string, reference: string | undefined): Promise<Artifact> {
  const source = new DirectorySource({
    modelDir: directory,
    modelReference: reference ?? 'channel:prod',
    modelReferenceGiven: reference !== undefined,
  });
  const fetched = await source.fetch(undefined);
  if (fetched === undefined) throw new AppError('not_found', `Could not find a model in ${directory}`);
  return fetched.artifact;
}

/** Undefined when the directory holds no manifest, and so is no version's folder. */
async function readVersionFolder(directory: string): Promise<Artifact | undefined> {
  const store = new DirectoryStore(directory);
  const files = new Map<string, Uint8Array>();
  for (const path of await store.list('')) {
    if (!Object.values<string>(FILES).includes(path)) continue;
    const found = await store.get(path, { maxBytes: MAX_FILE_BYTES, timeoutMs: READ_MS });
    if (found !== 'unchanged') files.set(path, found.bytes);
  }
  return files.has(FILES.manifest) ? checkArtifact(files) : undefined;
}
