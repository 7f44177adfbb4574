import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Channel } from '../model/artifact/channel.ts';
import type { Model } from '../model/model.ts';
import { formatModelSelector, type ModelSelector } from '../model/model-selector.ts';
import type { VerificationKeys } from '../model/signing/ecdsa.ts';
import { Mirror } from '../store/mirror.ts';
import { openStore } from '../store/open-store.ts';
import { Registry } from '../store/registry.ts';
import type { StoreObserver } from '../store/store.ts';
import type { Fetched, ModelSource } from './live-model.ts';

/** Where the settings say that models come from; `challenger` is there when they name one. */
export interface Sources {
  champion: ModelSource;
  challenger: ModelSource | undefined;
}

export function createSources(
  config: Config,
  publicKeys: VerificationKeys | undefined,
  log: Log,
  onRequest: StoreObserver,
): Sources {
  const second = config.challenger?.selector;
  if (config.bucket === undefined) {
    const shared = { ...config, publicKeys };
    const given = { ...shared, modelSelectorGiven: true };
    return {
      champion: new DirectorySource(shared, onRequest),
      challenger: second && new DirectorySource({ ...given, modelSelector: second }, onRequest),
    };
  }
  const remote = new Registry(openStore(config, onRequest), { publicKeys });
  const onWarning = (warning: AppError) =>
    log.warn('the local copy is of no use', { reason: warning.message });
  const mirror = new Mirror({ remote, localRoot: config.modelDir, onWarning });
  const kept: KeptVersions = new Map();
  const mirrored = (selector: ModelSelector) => new MirroredSource(selector, remote, mirror, kept, onWarning);
  return {
    champion: mirrored(config.modelSelector),
    challenger: second && mirrored(second),
  };
}

/** What each source wants to stay in the one directory that all share, by its description. */
type KeptVersions = Map<string, readonly string[]>;

type DirectoryConfig = Pick<Config, 'modelDir' | 'modelSelector' | 'modelSelectorGiven'> & {
  publicKeys?: VerificationKeys | undefined;
};

/** Versions and channels in MODEL_DIR itself. */
export class DirectorySource implements ModelSource {
  readonly description: string;
  readonly #config: DirectoryConfig;
  readonly #registry: Registry;
  readonly #sequence: SequenceGuard;

  constructor(config: DirectoryConfig, onRequest?: StoreObserver) {
    const { publicKeys, modelDir } = config;
    this.#config = config;
    this.#sequence = new SequenceGuard(publicKeys !== undefined);
    this.#registry = new Registry(openStore({ modelDir }, onRequest), { publicKeys });
    this.description = `${formatModelSelector(config.modelSelector)} in ${modelDir}`;
  }

  async fetch(live: Model | undefined): Promise<Fetched | undefined> {
    const wanted = await this.#resolve();
    if (live !== undefined && isLive(live, wanted)) return undefined;
    return { artifact: await this.#registry.readVersion(wanted.version, wanted.manifestSha256) };
  }

  async #resolve(): Promise<Wanted> {
    const { modelSelector, modelSelectorGiven } = this.#config;
    try {
      const wanted = await this.#registry.resolve(modelSelector);
      if (wanted.channel) this.#sequence.check(wanted.channel.channel, this.description);
      return wanted;
    } catch (error) {
      // Whoever asked for a channel gets that channel or nothing; whoever asked for nothing gets the newest version.
      if (modelSelectorGiven || !(error instanceof AppError && error.code === 'not_found')) throw error;
      return { version: await this.#newestVersion() };
    }
  }

  async #newestVersion(): Promise<string> {
    const versions = await this.#registry.listVersions();
    const read = await Promise.all(versions.map((version) => this.#registry.readManifest(version)));
    const manifests = read.map(({ manifest }) => manifest);
    manifests.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
    if (manifests[0] === undefined) {
      throw new AppError('not_found', `Cannot find a model: ${this.#registry.store.name} holds no version.`);
    }
    return manifests[0].version;
  }
}

/** Versions and channels in a bucket, kept in MODEL_DIR so that a start does not depend on the bucket. */
export class MirroredSource implements ModelSource {
  readonly description: string;
  readonly #selector: ModelSelector;
  readonly #remote: Registry;
  readonly #mirror: Mirror;
  /** The channel's state that made a model live. */
  #seen: { etag: string; manifestSha256: string } | undefined;
  #previous: string | undefined;
  readonly #sequence: SequenceGuard;
  readonly #kept: KeptVersions;
  readonly #warn: (warning: AppError) => void;

  constructor(
    selector: ModelSelector,
    remote: Registry,
    mirror: Mirror,
    kept: KeptVersions = new Map(),
    onWarning: (warning: AppError) => void = () => {},
  ) {
    this.#selector = selector;
    this.#warn = onWarning;
    this.#remote = remote;
    this.#mirror = mirror;
    this.#kept = kept;
    this.#sequence = new SequenceGuard(remote.publicKeys !== undefined);
    this.description = `${formatModelSelector(selector)} in ${remote.store.name}`;
  }

  async fetch(live: Model | undefined): Promise<Fetched | undefined> {
    if ('version' in this.#selector) return await this.#fetchVersion(this.#selector.version, live);
    try {
      return await this.#fetchChannel(this.#selector.channel, live);
    } catch (error) {
      if (live !== undefined || !(error instanceof AppError)) throw error;
      return await this.#recall(this.#selector.channel, error);
    }
  }

  async #fetchVersion(version: string, live: Model | undefined): Promise<Fetched | undefined> {
    if (live?.version === version) return undefined;
    return { artifact: await this.#mirror.readVersion(version), accepted: () => this.#evict(version, []) };
  }

  async #fetchChannel(name: string, live: Model | undefined): Promise<Fetched | undefined> {
    // Only what is live vouches for an etag: a state that could not be loaded is looked at again.
    const ifNoneMatch = live?.sha256 === this.#seen?.manifestSha256 ? this.#seen?.etag : undefined;
    const read = await this.#remote.readChannel(name, { ifNoneMatch });
    if (read === 'unchanged') return undefined;
    await this.#checkSequence(name, read.channel);
    const { version, manifestSha256, previous } = read.channel;
    const accepted = async () => {
      this.#seen = { etag: read.etag, manifestSha256 };
      await this.#mirror.rememberChannel(name, read);
      await this.#evict(version, [previous[0]?.version, live?.version]);
    };
    if (live?.sha256 === manifestSha256) {
      await accepted();
      return undefined;
    }
    return { artifact: await this.#mirror.readVersion(version, manifestSha256), accepted };
  }

  /** What an earlier run of this server has seen counts as seen. */
  async #checkSequence(name: string, channel: Channel): Promise<void> {
    if (this.#sequence.isFirst) {
      const remembered = await this.#mirror.recallChannel(name).catch(() => undefined);
      if (remembered) this.#sequence.check(remembered.channel, this.description);
    }
    this.#sequence.check(channel, this.description);
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
    this.#kept.set(this.description, keep);
    try {
      await this.#mirror.evict(new Set([...this.#kept.values()].flat()));
    } catch (error) {
      // The model is live all the same.
      if (!(error instanceof AppError)) throw error;
      this.#warn(error);
    }
  }
}

/**
 * Refuses an older state of a signed channel than one that has been seen: it is genuine, and whoever can write the
 * store but not sign could put it back. An unsigned channel is whatever the store holds.
 */
class SequenceGuard {
  readonly #signed: boolean;
  #newest: Channel | undefined;

  constructor(signed: boolean) {
    this.#signed = signed;
  }

  get isFirst(): boolean {
    return this.#signed && this.#newest === undefined;
  }

  /** @throws AppError `corrupt` */
  check(channel: Channel, what: string): void {
    if (!this.#signed) return;
    const { sequence, manifestSha256 } = this.#newest ?? { sequence: 0, manifestSha256: '' };
    const fork = channel.sequence === sequence && channel.manifestSha256 !== manifestSha256;
    if (channel.sequence < sequence || fork)
      throw new AppError(
        'corrupt',
        `Cannot use ${what}: its sequence is ${channel.sequence}, and ${sequence} has been seen; to go back, ` +
          "use 'savings rollback'.",
      );
    this.#newest = channel;
  }
}

interface Wanted {
  version: string;
  manifestSha256?: string;
}

function isLive(live: Model, { version, manifestSha256 }: Wanted): boolean {
  return live.version === version && (manifestSha256 === undefined || manifestSha256 === live.sha256);
}
