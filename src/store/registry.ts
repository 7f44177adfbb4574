import { Buffer } from 'node:buffer';
import { AppError, isAppError } from '../errors.ts';
import {
  type Artifact,
  type ArtifactFiles,
  checkArtifact,
  checkFile,
  checkManifestSha256,
  type DeclaredFile,
  parseManifest,
} from '../model/artifact.ts';
import { type Channel, channelSchema } from '../model/channel.ts';
import { channelName, FILES, type Manifest, versionName } from '../model/manifest.ts';
import { parseJson } from '../model/parse-json.ts';
import { sha256 } from '../model/sha256.ts';
import { checkChannelName, checkVersionName, parseModelReference } from './model-reference.ts';
import type { GetOptions, Store } from './store.ts';

export interface RegistryLimits {
  /** All files of a version together, as its manifest declares them. */
  versionBytes: number;
  /** A channel or a manifest. */
  smallReadMs: number;
  /** Any other file of a version. */
  fileReadMs: number;
}

const DEFAULT_LIMITS: RegistryLimits = { versionBytes: 256 << 20, smallReadMs: 20_000, fileReadMs: 120_000 };
/** Twenty earlier states with the longest reasons, escaped. */
const MAX_CHANNEL_BYTES = 128 << 10;
const MAX_MANIFEST_BYTES = 1 << 20;
const MAX_SIGNATURE_BYTES = 256 << 10;

export interface ChannelRead {
  channel: Channel;
  /** For `writeChannel` and the next `readChannel`. */
  tag: string;
  bytes: Uint8Array;
}

export interface ManifestRead {
  manifest: Manifest;
  sha256: string;
  bytes: Uint8Array;
}

export interface ResolvedReference {
  version: string;
  /** What a channel promises of the version; a version that is named directly promises nothing. */
  manifestSha256?: string;
  channel?: ChannelRead & { name: string };
}

/** Versions and channels, as they are laid out in a store. */
export class Registry {
  readonly store: Store;
  readonly #limits: RegistryLimits;

  constructor(store: Store, limits: Partial<RegistryLimits> = {}) {
    this.store = store;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** @throws AppError `not_found`, `corrupt`, `unavailable` */
  readChannel(name: string): Promise<ChannelRead>;
  /** The same, or 'unchanged' while the channel's tag is still this one. */
  readChannel(name: string, options: { unlessTag?: string | undefined }): Promise<ChannelRead | 'unchanged'>;
  async readChannel(
    name: string,
    { unlessTag }: { unlessTag?: string | undefined } = {},
  ): Promise<ChannelRead | 'unchanged'> {
    const key = channelKey(name);
    const found = await this.store.get(key, {
      maxBytes: MAX_CHANNEL_BYTES,
      timeoutMs: this.#limits.smallReadMs,
      ...(unlessTag !== undefined && { unlessTag }),
    });
    if (found === 'unchanged') return found;
    const channel = parseJson(channelSchema, found.bytes, `${key} in ${this.store.name}`);
    return { channel, tag: found.tag, bytes: found.bytes };
  }

  /**
   * Points a channel elsewhere, unless somebody else has since it was read; `null` for a new channel.
   * @returns the new tag
   * @throws AppError `conflict`, `unavailable`
   */
  async writeChannel(name: string, channel: Channel, expectedTag: string | null): Promise<string> {
    const text = `${JSON.stringify(channelSchema.parse(channel), null, 2)}\n`;
    return await this.store.compareAndSwap(channelKey(name), new TextEncoder().encode(text), expectedTag);
  }

  /** Names of the published versions, sorted: those with a manifest, which is written last. */
  async listVersions(): Promise<string[]> {
    const keys = await this.store.list('versions/');
    return keys.flatMap((key) => {
      const version = /^versions\/([^/]+)\/manifest\.json$/.exec(key)?.[1];
      return versionName.safeParse(version).success ? [String(version)] : [];
    });
  }

  /** Names of the channels, sorted. */
  async listChannels(): Promise<string[]> {
    const keys = await this.store.list('channels/');
    return keys.flatMap((key) => {
      const name = /^channels\/([^/]+)\.json$/.exec(key)?.[1];
      return channelName.safeParse(name).success ? [String(name)] : [];
    });
  }

  /** @throws AppError `not_found`, `corrupt`, `unavailable` */
  async readManifest(version: string, expectedSha256?: string): Promise<ManifestRead> {
    const where = this.#where(version);
    const bytes = await this.#read(version, FILES.manifest, {
      maxBytes: MAX_MANIFEST_BYTES,
      timeoutMs: this.#limits.smallReadMs,
    });
    const digest = sha256(bytes);
    checkManifestSha256(digest, expectedSha256, where);
    return { manifest: parseManifest(bytes, version, where), sha256: digest, bytes };
  }

  /**
   * Every file of a version, each held against the manifest, and that against the sha256 that was promoted. Sizes are
   * bounded before anything but the manifest is read.
   * @throws AppError `corrupt` names the check and the file; `not_found`, `too_large`, `unavailable`
   */
  async readVersion(version: string, expectedManifestSha256?: string): Promise<Artifact> {
    const read = await this.readManifest(version, expectedManifestSha256);
    const { manifest } = read;
    const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    if (total > this.#limits.versionBytes)
      throw new AppError(
        'too_large',
        `Could not read ${this.#where(version)}: its files have ${total} bytes together, and the bound is ` +
          `${this.#limits.versionBytes}`,
      );
    const stop = new AbortController();
    try {
      const [signature, ...declared] = await Promise.all([
        this.#readSignature(version, stop.signal),
        ...manifest.files.map((file) => this.#readDeclared(version, file, stop.signal)),
      ]);
      const files = new Map<string, Uint8Array>([[FILES.manifest, read.bytes]]);
      for (const [i, file] of manifest.files.entries()) files.set(file.path, declared[i]!);
      if (signature) files.set(FILES.signature, signature);
      return { manifest, manifestSha256: read.sha256, files };
    } finally {
      // After a failure nothing needs the others any more; after success there are none.
      stop.abort();
    }
  }

  /** Reads `channel:<name>` or a version's name. @throws AppError `invalid`, and what `readChannel` throws */
  async resolve(reference: string): Promise<ResolvedReference> {
    const parsed = parseModelReference(reference);
    if ('version' in parsed) return { version: parsed.version };
    const read = await this.readChannel(parsed.channel);
    const { version, manifestSha256 } = read.channel;
    return { version, manifestSha256, channel: { name: parsed.channel, ...read } };
  }

  /**
   * Publishes a version, once. The manifest goes last, so that what breaks off before it was never published; the same
   * call then goes on from there.
   * @returns created: false when the very same version had been published before
   * @throws AppError `invalid` or `corrupt` when the files do not fit their manifest; `conflict` when another version
   * has the name, or an attempt at one; `unavailable`
   */
  async publishVersion(files: ArtifactFiles): Promise<{ artifact: Artifact; created: boolean }> {
    const artifact = checkArtifact(files);
    const { version } = artifact.manifest;
    const small = { maxBytes: MAX_MANIFEST_BYTES, timeoutMs: this.#limits.smallReadMs };
    const created = (await this.#readIfThere(version, FILES.manifest, small)) === undefined;
    const others = [...files.keys()].filter((path) => path !== FILES.manifest).sort();
    for (const path of [...others, FILES.manifest]) {
      const bytes = files.get(path)!;
      if (created) await this.#putOrCheckSame(version, path, bytes);
      else await this.#checkSame(version, path, bytes);
    }
    return { artifact, created };
  }

  async #readDeclared(version: string, file: DeclaredFile, signal: AbortSignal): Promise<Uint8Array> {
    const where = this.#where(version);
    try {
      const options = { maxBytes: file.bytes, timeoutMs: this.#limits.fileReadMs, signal };
      const bytes = await this.#read(version, file.path, options);
      checkFile(file, bytes, where);
      return bytes;
    } catch (error) {
      if (!isAppError(error, 'too_large')) throw error;
      const reason = `its manifest says ${file.bytes} bytes, and it has more`;
      throw new AppError('corrupt', `Could not use ${file.path} of ${where}: ${reason}`, { cause: error });
    }
  }

  async #readSignature(version: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const options = { maxBytes: MAX_SIGNATURE_BYTES, timeoutMs: this.#limits.smallReadMs, signal };
    return await this.#readIfThere(version, FILES.signature, options);
  }

  async #read(version: string, path: string, options: GetOptions): Promise<Uint8Array> {
    const found = await this.store.get(versionKey(version, path), options);
    if (found === 'unchanged') throw new TypeError('a store answered unchanged although no tag was given');
    return found.bytes;
  }

  async #readIfThere(version: string, path: string, options: GetOptions): Promise<Uint8Array | undefined> {
    try {
      return await this.#read(version, path, options);
    } catch (error) {
      if (isAppError(error, 'not_found')) return undefined;
      throw error;
    }
  }

  async #putOrCheckSame(version: string, path: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.store.putOnce(versionKey(version, path), bytes);
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error;
      await this.#checkSame(version, path, bytes);
    }
  }

  async #checkSame(version: string, path: string, bytes: Uint8Array): Promise<void> {
    const options = { maxBytes: bytes.length, timeoutMs: this.#limits.fileReadMs };
    const found = await this.#readIfThere(version, path, options).catch((error) => {
      if (isAppError(error, 'too_large')) return undefined;
      throw error;
    });
    if (found && Buffer.compare(found, bytes) === 0) return;
    throw new AppError(
      'conflict',
      `Could not publish ${this.#where(version)}: another ${path} is there already, or was published ` +
        'without it; versions never change, so publish under a new name',
    );
  }

  #where(version: string): string {
    return `version ${version} in ${this.store.name}`;
  }
}

function channelKey(name: string): string {
  return `channels/${checkChannelName(name)}.json`;
}

function versionKey(version: string, path: string): string {
  return `versions/${checkVersionName(version)}/${path}`;
}
