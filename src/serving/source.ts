import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Model } from '../model/model.ts';
import { DirectoryStore } from '../store/directory.ts';
import { Mirror } from '../store/mirror.ts';
import { parseModelReference } from '../store/model-reference.ts';
import { Registry } from '../store/registry.ts';
import { S3Store } from '../store/s3.ts';
import type { StoreObserver } from '../store/store.ts';
import type { Fetched, ModelSource } from './live.ts';

/** Where the settings say that the model comes from. */
export function createSource(config: Config, log: Log, onRequest: StoreObserver): ModelSource {
  if (config.bucket === undefined) return new DirectorySource(config, onRequest);
  const { name: bucket, prefix, region, endpoint } = config.bucket;
  const remote = new Registry(new S3Store({ bucket, prefix, region, endpoint, onRequest }));
  const onWarning = (warning: AppError) =>
    log.warn('the local copy is of no use', { reason: warning.message });
  return new MirroredSource(config, remote, new Mirror({ remote, localRoot: config.modelDir, onWarning }));
}

type DirectoryConfig = Pick<Config, 'modelDir' | 'modelReference' | 'modelReferenceGiven'>;

/** Versions and channels in MODEL_DIR itself. */
export class DirectorySource implements ModelSource {
  readonly description: string;
  readonly #config: DirectoryConfig;
  readonly #registry: Registry;

  constructor(config: DirectoryConfig, onRequest: StoreObserver = () => {}) {
    this.#config = config;
    this.#registry = new Registry(new DirectoryStore(config.modelDir, { onRequest }));
    this.description = `${config.modelReference} in ${config.modelDir}`;
  }

  async fetch(live: Model | undefined): Promise<Fetched | undefined> {
    const wanted = await this.#resolve();
    if (live !== undefined && isLive(live, wanted)) return undefined;
    return { artifact: await this.#registry.readVersion(wanted.version, wanted.manifestSha256) };
  }

  async #resolve(): Promise<Wanted> {
    const { modelReference, modelReferenceGiven } = this.#config;
    try {
      return await this.#registry.resolve(modelReference);
    } catch (error) {
      // Whoever asked for a channel gets that channel or nothing; whoever asked for nothing gets the newest version.
      if (modelReferenceGiven || !(error instanceof AppError && error.code === 'not_found')) throw error;
      return { version: await this.#newestVersion() };
    }
  }

  async #newestVersion(): Promise<string> {
    const versions = await this.#registry.listVersions();
    const read = await Promise.all(versions.map((version) => this.#registry.readManifest(version)));
    const manifests = read.map(({ manifest }) => manifest);
    manifests.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
    if (manifests[0] === undefined) {
      throw new AppError(
        'not_found',
        `Could not find a model: ${this.#registry.store.name} holds no version`,
      );
    }
    return manifests[0].version;
  }
}

/** Versions and channels in a bucket, kept in MODEL_DIR so that a start does not depend on the bucket. */
class MirroredSource implements ModelSource {
  readonly description: string;
  readonly #reference: ReturnType<typeof parseModelReference>;
  readonly #remote: Registry;
  readonly #mirror: Mirror;
  /** The channel's state that made a model live. */
  #seen: { tag: string; manifestSha256: string } | undefined;
  #previous: string | undefined;

  constructor(config: Config, remote: Registry, mirror: Mirror) {
    this.#reference = parseModelReference(config.modelReference);
    this.#remote = remote;
    this.#mirror = mirror;
    this.description = `${config.modelReference} in ${remote.store.name}`;
  }

  async fetch(live: Model | undefined): Promise<Fetched | undefined> {
    if ('version' in this.#reference) return await this.#fetchVersion(this.#reference.version, live);
    try {
      return await this.#fetchChannel(this.#reference.channel, live);
    } catch (error) {
      if (live !== undefined || !(error instanceof AppError)) throw error;
      return await this.#recall(this.#reference.channel, error);
    }
  }

  async #fetchVersion(version: string, live: Model | undefined): Promise<Fetched | undefined> {
    if (live?.version === version) return undefined;
    return { artifact: await this.#mirror.readVersion(version), accepted: () => this.#evict(version, []) };
  }

  async #fetchChannel(name: string, live: Model | undefined): Promise<Fetched | undefined> {
    // Only what is live vouches for a tag: a state that could not be loaded is looked at again.
    const unlessTag = live?.sha256 === this.#seen?.manifestSha256 ? this.#seen?.tag : undefined;
    const read = await this.#remote.readChannel(name, { unlessTag });
    if (read === 'unchanged') return undefined;
    const { version, manifestSha256, previous } = read.channel;
    const accepted = async () => {
      this.#seen = { tag: read.tag, manifestSha256 };
      await this.#mirror.rememberChannel(name, read);
      await this.#evict(version, [previous[0]?.version, live?.version]);
    };
    if (live?.sha256 === manifestSha256) {
      await accepted();
      return undefined;
    }
    return { artifact: await this.#mirror.readVersion(version, manifestSha256), accepted };
  }

  /** With the bucket out of reach at start, what it last gave, which was verified then and is verified again. */
  async #recall(name: string, reason: AppError): Promise<Fetched> {
    let artifact: Fetched['artifact'];
    try {
      const { channel } = await this.#mirror.recallChannel(name);
      artifact = await this.#mirror.local.readVersion(channel.version, channel.manifestSha256);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw reason;
    }
    return { artifact, stale: `serving the last known version: ${reason.message}` };
  }

  /** The live version and the one before it stay, so that going back needs no download. */
  async #evict(version: string, previous: (string | undefined)[]): Promise<void> {
    const keep = [version, this.#previous, ...previous].filter((name) => name !== undefined);
    this.#previous = version;
    await this.#mirror.evict(new Set(keep));
  }
}

interface Wanted {
  version: string;
  manifestSha256?: string;
}

function isLive(live: Model, { version, manifestSha256 }: Wanted): boolean {
  return live.version === version && (manifestSha256 === undefined || manifestSha256 === live.sha256);
}
