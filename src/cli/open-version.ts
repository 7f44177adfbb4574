import { AppError } from '../errors.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import { loadModel } from '../model/artifact/load.ts';
import { versionName } from '../model/manifest.ts';
import type { Model } from '../model/model.ts';
import { parseModelSelector } from '../model/model-selector.ts';
import type { VerificationKeys } from '../model/signing/ecdsa.ts';
import type { Registry } from '../store/registry.ts';
import { readVersionFolder } from '../store/version-files.ts';
import { spawnLoadWorker } from '../workers.ts';
import { checkPath } from './paths.ts';

/** How the commands name one version; what could be both is a version of the store. */
export const WHICH_VERSION = "a version of the store, channel:NAME, or a version's folder (write ./folder)";

/** A version of the registry, the one that a channel names, or the one in a folder. @throws UsageError, AppError */
export async function readVersionNamed(registry: Registry, name: string): Promise<Artifact> {
  // What begins with `channel:` is meant as one, whatever is wrong with its name.
  if (!name.startsWith('channel:') && !versionName.safeParse(name).success)
    return await readFolder(name, registry.publicKeys);
  const { version, manifestSha256 } = await registry.resolve(parseModelSelector(name));
  return await registry.readVersion(version, manifestSha256);
}

/** @throws UsageError */
export function checkFolderPath(directory: string): string {
  return checkPath("A version's folder", directory, 'a directory');
}

/** @throws UsageError when it is no path, AppError `invalid` when the folder is no version's */
export async function readFolder(directory: string, publicKeys?: VerificationKeys): Promise<Artifact> {
  checkFolderPath(directory);
  const artifact = await readVersionFolder(directory, publicKeys);
  if (artifact) return artifact;
  throw new AppError(
    'invalid',
    `Cannot use ${directory}: it is not a version's folder, with a manifest.json.`,
  );
}

/** Makes every check that the server makes before it serves a model. */
export function verifyByLoading(artifact: Artifact): Promise<Model> {
  return loadModel(artifact, { spawn: spawnLoadWorker });
}
