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
} from '../model/artifact/artifact.ts';
import type { Channel } from '../model/artifact/channel.ts';
import { isMadeAgain } from '../model/artifact/made-again.ts';
import { counted } from '../model/counted.ts';
import { channelName, FILES, type Manifest, versionName } from '../model/manifest.ts';
import { checkChannelName, checkVersionName, type ModelSelector } from '../model/model-selector.ts';
import { sha256 } from '../model/sha256.ts';
import type { SigningKey, VerificationKeys } from '../model/signing/ecdsa.ts';
import {
  checkSameNames,
  checkSigned,
  openSignature,
  type SignedFiles,
  verifySignature,
} from '../model/signing/model-signature.ts';
import { decodeChannel, encodeChannel } from '../model/signing/signed-channel.ts';
import type { ReadOptions, Store } from './store.ts';

export interface RegistryLimits {
  /** All files of a version together, as its manifest declares them. */
  versionBytes: number;
  /** A channel or a manifest. */
  smallReadMs: number;
  /** Any other file of a version. */
  fileReadMs: number;
}

export interface RegistryOptions extends Partial<RegistryLimits> {
  /** When set, what is not signed by one of their owners is refused, before anything else of it is read. */
  publicKeys?: VerificationKeys | undefined;
  /** Reads channels whoever signed them, or nobody did: for whoever is about to sign them. */
  trustsChannels?: boolean;
}

const DEFAULT_LIMITS: RegistryLimits = { versionBytes: 256 << 20, smallReadMs: 20_000, fileReadMs: 120_000 };
/** Twenty earlier states with the longest reasons, escaped, in base64. */
const MAX_CHANNEL_BYTES = 192 << 10;
const MAX_MANIFEST_BYTES = 1 << 20;
const MAX_SIGNATURE_BYTES = 256 << 10;

export interface ChannelRead {
  channel: Channel;
  signed: boolean;
  /** For `writeChannel` and the next `readChannel`. */
  etag: string;
  bytes: Uint8Array;
}

export interface ManifestRead {
  manifest: Manifest;
  sha256: string;
  bytes: Uint8Array;
  /** The bytes of model.sig; undefined when there is none. */
  signature: Uint8Array | undefined;
}

export interface ResolvedSelector {
  version: string;
  /** What a channel promises of the version; a version that is named directly promises nothing. */
  manifestSha256?: string;
  channel?: ChannelRead & { name: string };
}

/** Versions and channels, as they are laid out in a store. */
export class Registry {
  readonly store: Store;
  readonly publicKeys: VerificationKeys | undefined;
  readonly #channelKeys: VerificationKeys | undefined;
  readonly #limits: RegistryLimits;

  constructor(store: Store, { publicKeys, trustsChannels = false, ...limits }: RegistryOptions = {}) {
    this.store = store;
    this.publicKeys = publicKeys;
    this.#channelKeys = trustsChannels ? undefined : publicKeys;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** @throws AppError `not_found`, `corrupt`, `unavailable` */
  readChannel(name: string): Promise<ChannelRead>;
  /** The same, or 'unchanged' while the channel's etag is still this one. */
  readChannel(
    name: string,
    options: { ifNoneMatch?: string | undefined },
  ): Promise<ChannelRead | 'unchanged'>;
  async readChannel(
    name: string,
    { ifNoneMatch }: { ifNoneMatch?: string | undefined } = {},
  ): Promise<ChannelRead | 'unchanged'> {
    const key = channelKey(name);
    const found = await this.store.get(key, {
      maxBytes: MAX_CHANNEL_BYTES,
      timeoutMs: this.#limits.smallReadMs,
      ifNoneMatch,
    });
    if (found === 'unchanged') return found;
    const what = `${key} in ${this.store.name}`;
    return { ...(await decodeChannel(name, found.bytes, this.#channelKeys, what)), ...found };
  }

  /**
   * Points a channel elsewhere, unless somebody else has since it was read; `null` for a new channel.
   * @param key signs it; a registry with public keys takes nothing that none of them verifies
   * @returns the new etag
   * @throws AppError `conflict`, `invalid`, `unavailable`
   */
  async writeChannel(
    name: string,
    channel: Channel,
    expectedEtag: string | null,
    key?: SigningKey,
  ): Promise<string> {
    if (this.publicKeys?.every(({ id }) => id !== key?.verification.id))
      throw new AppError(
        'invalid',
        `Cannot change channel ${name}: it must be signed with the private key of a key in MODEL_PUBLIC_KEY.`,
      );
    const bytes = await encodeChannel(name, channel, key);
    return await this.store.compareAndSwap(channelKey(name), bytes, expectedEtag);
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
    const { signed: _, ...read } = await this.#readSigned(version, expectedSha256);
    return read;
  }

  /**
   * Every file of a version, each held against its signature, the manifest, and that against the sha256 that was
   * promoted. Sizes are bounded before anything but the manifest is read.
   * @throws AppError `corrupt` names the check and the file; `not_found`, `too_large`, `unavailable`
   */
  async readVersion(version: string, expectedManifestSha256?: string): Promise<Artifact> {
    const { manifest, signature, signed, ...read } = await this.#readSigned(version, expectedManifestSha256);
    const where = this.#where(version);
    const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    if (total > this.#limits.versionBytes)
      throw new AppError(
        'too_large',
        `Cannot read ${where}: its files have ${total} bytes together, and the bound is ` +
          `${this.#limits.versionBytes}.`,
      );
    if (signed) {
      for (const { path, sha256: digest } of manifest.files) checkSigned(signed, path, digest, where);
      const folder = versionKey(version, '');
      const keys = await this.store.list(folder);
      checkSameNames(
        signed,
        keys.map((key) => key.slice(folder.length)),
        where,
      );
    }
    const stop = new AbortController();
    try {
      const declared = await Promise.all(
        manifest.files.map((file) => this.#readDeclared(version, file, stop.signal)),
      );
      const files = new Map<string, Uint8Array>([[FILES.manifest, read.bytes]]);
      for (const [i, file] of manifest.files.entries()) files.set(file.path, declared[i]);
      if (signature) files.set(FILES.signature, signature);
      return { manifest, manifestSha256: read.sha256, files };
    } finally {
      // After a failure nothing needs the others any more; after success there are none.
      stop.abort();
    }
  }

  /** The manifest, which is not parsed before its signature, where there must be one, has been verified. */
  async #readSigned(
    version: string,
    expectedSha256?: string,
  ): Promise<ManifestRead & { signed: SignedFiles | undefined }> {
    const where = this.#where(version);
    const options = { timeoutMs: this.#limits.smallReadMs };
    const [bytes, signature] = await Promise.all([
      this.#read(version, FILES.manifest, { ...options, maxBytes: MAX_MANIFEST_BYTES }),
      this.#readIfThere(version, FILES.signature, { ...options, maxBytes: MAX_SIGNATURE_BYTES }),
    ]);
    const digest = sha256(bytes);
    const signed = this.publicKeys && (await openSignature(signature, this.publicKeys, where));
    if (signed) checkSigned(signed, FILES.manifest, digest, where);
    checkManifestSha256(digest, expectedSha256, where);
    return { manifest: parseManifest(bytes, version, where), sha256: digest, bytes, signature, signed };
  }

  /** The version that is meant. @throws what `readChannel` throws */
  async resolve(selector: ModelSelector): Promise<ResolvedSelector> {
    if ('version' in selector) return { version: selector.version };
    const read = await this.readChannel(selector.channel);
    const { version, manifestSha256 } = read.channel;
    return { version, manifestSha256, channel: { name: selector.channel, ...read } };
  }

  /**
   * Publishes a version, once. The manifest goes last, so that what breaks off before it was never published; the same
   * call then goes on from there. Of a model that is made again on the same day, which gives it the same name, the one
   * that was published first stays.
   * @returns what is published; created: false when it had been before
   * @throws AppError `invalid` or `corrupt` when the files do not fit their manifest; `conflict` when another version
   * has the name, or an attempt at one; `unavailable`
   */
  async publishVersion(files: ArtifactFiles): Promise<{ artifact: Artifact; created: boolean }> {
    if (this.publicKeys) await verifySignature(files, this.publicKeys, 'the version to publish');
    const artifact = checkArtifact(files);
    const { version } = artifact.manifest;
    const small = { maxBytes: MAX_MANIFEST_BYTES, timeoutMs: this.#limits.smallReadMs };
    let there = await this.#readIfThere(version, FILES.manifest, small);
    if (there === undefined) {
      const others = [...files.keys()].filter((path) => path !== FILES.manifest).sort();
      for (const path of others) await this.#putOrCheckSame(version, path, files.get(path)!);
      if (await this.#putIfAbsent(version, FILES.manifest, files.get(FILES.manifest)!))
        return { artifact, created: true };
      there = await this.#read(version, FILES.manifest, small);
    }
    return { artifact: await this.#publishedBefore(artifact, there), created: false };
  }

  /** @returns the version that is there, with the manifest that it has, when it is the same model */
  async #publishedBefore(artifact: Artifact, there: Uint8Array): Promise<Artifact> {
    const { version } = artifact.manifest;
    const manifest = parseManifest(there, version, this.#where(version));
    const again = isMadeAgain(manifest, artifact.manifest);
    // Each signature is of its own manifest, so only that there is one can be asked of the other.
    const own = [FILES.manifest, FILES.signature] as const;
    for (const [path, bytes] of artifact.files) {
      if (!again || !own.some((name) => name === path)) await this.#checkSame(version, path, bytes);
    }
    if (!again) return artifact;
    const small = { maxBytes: MAX_SIGNATURE_BYTES, timeoutMs: this.#limits.smallReadMs };
    const signature = await this.#readIfThere(version, FILES.signature, small);
    if (artifact.files.has(FILES.signature) && signature === undefined)
      throw this.#notTheSame(version, FILES.signature);
    const files = new Map(artifact.files).set(FILES.manifest, there);
    files.delete(FILES.signature);
    if (signature) files.set(FILES.signature, signature);
    return { manifest, manifestSha256: sha256(there), files };
  }

  /**
   * Puts a signature beside a version that has none; its other files stay as they are.
   * @throws AppError `conflict` when it has one, `unavailable`
   */
  async addSignature(version: string, signature: Uint8Array): Promise<void> {
    if (await this.#putIfAbsent(version, FILES.signature, signature)) return;
    throw new AppError(
      'conflict',
      `Cannot sign ${this.#where(version)}: it is signed with another key already, and versions never change; publish ` +
        'it under a new name.',
    );
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
      const reason = `its manifest says ${counted(file.bytes, 'byte')}, and it has more`;
      throw new AppError('corrupt', `Cannot use ${file.path} of ${where}: ${reason}.`, { cause: error });
    }
  }

  async #read(version: string, path: string, options: ReadOptions): Promise<Uint8Array> {
    return (await this.store.get(versionKey(version, path), options)).bytes;
  }

  async #readIfThere(version: string, path: string, options: ReadOptions): Promise<Uint8Array | undefined> {
    try {
      return await this.#read(version, path, options);
    } catch (error) {
      if (isAppError(error, 'not_found')) return undefined;
      throw error;
    }
  }

  async #putOrCheckSame(version: string, path: string, bytes: Uint8Array): Promise<void> {
    if (!(await this.#putIfAbsent(version, path, bytes))) await this.#checkSame(version, path, bytes);
  }

  /** @returns whether it was absent */
  async #putIfAbsent(version: string, path: string, bytes: Uint8Array): Promise<boolean> {
    try {
      await this.store.putIfAbsent(versionKey(version, path), bytes);
      return true;
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error;
      return false;
    }
  }

  async #checkSame(version: string, path: string, bytes: Uint8Array): Promise<void> {
    const options = { maxBytes: bytes.length, timeoutMs: this.#limits.fileReadMs };
    const found = await this.#readIfThere(version, path, options).catch((error) => {
      if (isAppError(error, 'too_large')) return undefined;
      throw error;
    });
    if (!found || Buffer.compare(found, bytes) !== 0) throw this.#notTheSame(version, path);
  }

  #notTheSame(version: string, path: string): AppError {
    return new AppError(
      'conflict',
      `Cannot publish ${this.#where(version)}: another ${path} is there already, or was published ` +
        'without it; versions never change, so publish under a new name.',
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
