import { Buffer } from 'node:buffer';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import { FILES } from '../model/manifest.ts';
import { checkChannelName } from '../model/model-selector.ts';
import { sha256 } from '../model/sha256.ts';
import { DirectoryStore } from './directory/directory.ts';
import { codeOf, fileError, replaceFile } from './directory/durable-file.ts';
import { withFileLock } from './directory/file-lock.ts';
import { formatIdentity, ownerState, ownIdentity, parseIdentity } from './directory/process-identity.ts';
import { type ChannelRead, Registry } from './registry.ts';
import { hasFiles, removeFolderWhole, writeVersionWhole } from './version-folder.ts';

/** What a process of another host uses is believed for a day: it cannot be asked whether it still runs. */
const FOREIGN_USE_MS = 24 * 60 * 60 * 1000;

export interface MirrorOptions {
  remote: Registry;
  /** MODEL_DIR. Missing folders are made. */
  localRoot: string;
  /** Told what went wrong with the directory; the version is served nevertheless. */
  onWarning?: ((warning: AppError) => void) | undefined;
}

export interface MirroredArtifact extends Artifact {
  from: 'local' | 'remote';
}

/**
 * Keeps in a local directory what a remote registry gave.
 *
 * ```
 * <root>/versions/<version>/           as in any registry, so that it can be served without the remote
 * <root>/.mirror/versions/<version>    the manifest's sha256: this version was downloaded; others are the user's own,
 *                                      and are never replaced or removed
 * <root>/.mirror/channels/<name>.json  the last state of a channel whose version was verified
 * <root>/.mirror/users/<process>       versions that a process does not want removed, a line each
 * ```
 * Several processes may share the directory: versions appear and vanish whole, and whoever comes second finds the
 * first one's copy.
 */
export class Mirror {
  readonly local: Registry;
  readonly #remote: Registry;
  readonly #root: string;
  readonly #remembered: Registry;
  readonly #warn: (warning: AppError) => void;

  constructor({ remote, localRoot, onWarning }: MirrorOptions) {
    this.#remote = remote;
    this.#root = localRoot;
    this.#warn = onWarning ?? (() => {});
    const { publicKeys } = remote;
    this.local = new Registry(new DirectoryStore(localRoot), { publicKeys });
    this.#remembered = new Registry(new DirectoryStore(join(localRoot, '.mirror')), { publicKeys });
  }

  /**
   * A verified version: the local copy when that verifies, and otherwise downloaded and kept. A directory that cannot
   * be written only warns.
   * @throws AppError as `Registry.readVersion` does for the remote
   */
  async readVersion(version: string, expectedManifestSha256?: string): Promise<MirroredArtifact> {
    try {
      const artifact = await this.local.readVersion(version, expectedManifestSha256);
      await this.#claim(version);
      return { ...artifact, from: 'local' };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code !== 'not_found') this.#warn(error);
    }
    const artifact = await this.#remote.readVersion(version, expectedManifestSha256);
    try {
      await this.#keep(artifact);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#warn(error);
    }
    return { ...artifact, from: 'remote' };
  }

  /** Keeps a channel's state, whose version has been verified, for when the remote does not answer. Only warns. */
  async rememberChannel(name: string, read: ChannelRead): Promise<void> {
    const path = this.#path('channels', `${checkChannelName(name)}.json`);
    try {
      const known = await readFile(path).catch(() => undefined);
      if (!known || Buffer.compare(known, read.bytes) !== 0) await replaceFile(path, read.bytes);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#warn(error);
    }
  }

  /** What `rememberChannel` kept. @throws AppError `not_found`, `corrupt`, `unavailable` */
  recallChannel(name: string): Promise<ChannelRead> {
    return this.#remembered.readChannel(name);
  }

  /**
   * Removes what was downloaded but for the versions in `keep` and those that another live process keeps. One that is
   * removed although somebody has just loaded it costs that process a download at its next start, no more: a loaded
   * model is in memory.
   * @returns the versions removed
   * @throws AppError `unavailable`
   */
  async evict(keep: ReadonlySet<string>): Promise<string[]> {
    return await this.#exclusively(async () => {
      const uses = `${[...keep].sort().join('\n')}\n`;
      await replaceFile(this.#path('users', formatIdentity(ownIdentity())), new TextEncoder().encode(uses));
      const inUse = await this.#versionsInUse();
      const removed: string[] = [];
      for (const version of await namesIn(this.#path('versions'))) {
        if (inUse.has(version)) continue;
        if ((await this.#isUnchanged(version)) && (await removeFolderWhole(this.#folder(version))))
          removed.push(version);
        await rm(this.#path('versions', version), { force: true });
      }
      return removed;
    });
  }

  /** Keeps others from removing a copy that this process has just read. */
  async #claim(version: string): Promise<void> {
    try {
      if ((await readText(this.#path('versions', version))) !== undefined)
        await this.#exclusively(() => this.#addUse(version));
    } catch (error) {
      // Where nothing can be written, nothing is removed either.
      if (!(error instanceof AppError) && codeOf(error) === '') throw error;
    }
  }

  /** Under the lock; the next `evict` says anew what is used. */
  async #addUse(version: string): Promise<void> {
    const path = this.#path('users', formatIdentity(ownIdentity()));
    const known = (await readText(path))?.split('\n') ?? [];
    const uses = [...new Set([...known, version])].sort();
    await replaceFile(path, new TextEncoder().encode(`${uses.join('\n')}\n`));
  }

  async #keep(artifact: Artifact): Promise<void> {
    const { version } = artifact.manifest;
    const marker = this.#path('versions', version);
    await this.#exclusively(async () => {
      await this.#addUse(version);
      const ours = (await readText(marker)) !== undefined;
      if (await this.#holds(artifact)) return;
      if (!ours && (await hasFiles(this.#folder(version))))
        throw new AppError(
          'conflict',
          `Cannot keep version ${version} in ${this.#root}: another folder of that name is there, which was not ` +
            'downloaded; move it away.',
        );
      // First: a folder without its marker would be taken for the user's own.
      await replaceFile(marker, new TextEncoder().encode(`${artifact.manifestSha256}\n`));
      await writeVersionWhole(join(this.#root, 'versions'), version, artifact.files, { replace: ours });
    });
  }

  /** Whether another process has been faster. */
  async #holds({ manifest, manifestSha256 }: Artifact): Promise<boolean> {
    try {
      await this.local.readVersion(manifest.version, manifestSha256);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether the folder still is what was downloaded, and not something that the user has put in its place. */
  async #isUnchanged(version: string): Promise<boolean> {
    const manifest = await readFile(join(this.#folder(version), FILES.manifest)).catch(() => undefined);
    return manifest !== undefined && (await readText(this.#path('versions', version))) === sha256(manifest);
  }

  async #versionsInUse(): Promise<Set<string>> {
    const inUse = new Set<string>();
    for (const user of await namesIn(this.#path('users'))) {
      const path = this.#path('users', user);
      const identity = parseIdentity(user);
      const state = identity ? ownerState(identity) : 'dead';
      const age = Date.now() - (await stat(path)).mtimeMs;
      if (state === 'dead' || (state === 'unknown' && age > FOREIGN_USE_MS)) await rm(path, { force: true });
      else for (const version of (await readText(path))?.split('\n') ?? []) inUse.add(version);
    }
    return inUse;
  }

  /** Runs one change of the directory's bookkeeping at a time, over all processes. */
  async #exclusively<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await withFileLock(this.#path('versions'), change);
    } catch (error) {
      throw fileError('change', this.#root, error);
    }
  }

  #folder(version: string): string {
    return join(this.#root, 'versions', version);
  }

  #path(...names: string[]): string {
    return join(this.#root, '.mirror', ...names);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The text of a small file without its last line's end; undefined when there is none. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trimEnd();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
