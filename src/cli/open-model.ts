import { AppError } from '../errors.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import type { Model } from '../model/model.ts';
import { DirectorySource } from '../serving/source.ts';
import { readVersionFolder } from '../store/version-files.ts';
import { verifyByLoading } from './open-version.ts';

/**
 * A verified model from a directory: a version's own folder, or one with versions/ and channels/ in it, as MODEL_DIR.
 *
 * @param reference a version or `channel:<name>`; without it what a server would choose
 * @throws AppError `not_found`, `corrupt`, `invalid`, `unavailable`
 */
export async function openModel(directory: string, reference: string | undefined): Promise<Model> {
  const folder = reference === undefined ? await readVersionFolder(directory) : undefined;
  return verifyByLoading(folder ?? (await readRegistry(directory, reference)));
}

async function readRegistry(directory: string, reference: string | undefined): Promise<Artifact> {
  const source = new DirectorySource({
    modelDir: directory,
    modelSelector: reference ?? 'channel:prod',
    modelSelectorGiven: reference !== undefined,
  });
  const fetched = await source.fetch(undefined);
  if (fetched === undefined) throw new AppError('not_found', `Could not find a model in ${directory}`);
  return fetched.artifact;
}
