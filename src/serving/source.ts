import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Model } from '../model/model.ts';
import { DirectoryStore } from '../store/directory.ts';
import { parseModelReference } from '../store/model-reference.ts';
import { Registry } from '../store/registry.ts';
import type { Fetched, ModelSource } from './live.ts';
import type { Metrics } from './metrics.ts';

/** Where the settings say that the model comes from. */
export function createSource(config: Config, _log: Log, _metrics: Metrics): ModelSource {
  return directorySource(config);
}

/** Versions and channels in MODEL_DIR itself. */
function directorySource({ modelDir, modelReference, modelReferenceGiven }: Config): ModelSource {
  const registry = new Registry(new DirectoryStore(modelDir));
  return {
    description: `${modelReference} in ${modelDir}`,
    async fetch(live: Model | undefined): Promise<Fetched | undefined> {
      const wanted = await resolve();
      if (live?.version === wanted.version && (wanted.manifestSha256 ?? live.sha256) === live.sha256)
        return undefined;
      return {
        artifact: await registry.readVersion(wanted.version, wanted.manifestSha256),
        stale: undefined,
      };
    },
  };

  async function resolve(): Promise<{ version: string; manifestSha256?: string }> {
    try {
      return await registry.resolve(modelReference);
    } catch (error) {
      // Whoever asked for a channel gets that channel; whoever asked for nothing gets the newest version.
      const absent = error instanceof AppError && error.code === 'not_found';
      if (!absent || modelReferenceGiven || !('channel' in parseModelReference(modelReference))) throw error;
      return { version: await newestVersion(registry) };
    }
  }
}

async function newestVersion(registry: Registry): Promise<string> {
  const versions = await registry.listVersions();
  const manifests = await Promise.all(versions.map((version) => registry.readManifest(version)));
  const newest = manifests
    .map(({ manifest }) => manifest)
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0];
  if (newest === undefined) {
    throw new AppError('not_found', `Could not find a model: ${registry.store.name} holds no version`);
  }
  return newest.version;
}
