import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { ApiClient } from '../api-client.ts';
import { folderOf } from './claimed-volumes.ts';
import type { Mount } from './container-process.ts';
import { ConfigError, fieldOf, type PodFacts, type Sources } from './environment.ts';
import type { Part } from './part.ts';

interface File {
  content: Buffer;
  mode: number;
}

interface Options extends PodFacts {
  api: ApiClient;
  sources: Sources;
  /** For this pod's volumes. */
  folder: string;
  /** For those of claims: these outlive pods. */
  claims: string;
}

const TOKEN_SECONDS = 3_607;

/** A pod's volumes, as folders of this machine. */
export class Volumes {
  readonly #options: Options;
  readonly #written = new Map<string, string>();
  readonly #tokens = new Map<string, { token: string; renewAt: number }>();

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Makes them, or brings them up to date, as a kubelet does within a minute or so of a change.
   * @throws ConfigError with what is missing
   */
  async prepare(): Promise<void> {
    const { pod } = this.#options;
    for (const volume of pod.spec.volumes ?? []) {
      const files = await this.#filesOf(volume).catch((error) => {
        if (!(error instanceof ConfigError)) throw error;
        throw new ConfigError(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`);
      });
      if (files) this.#write(volume.name, files);
      else if (!volume.hostPath) this.#makeFolder(this.#pathOf(volume), volume.emptyDir !== undefined);
    }
  }

  /** Where a container has them. */
  mountsOf(container: Part): Mount[] {
    const volumes = new Map<string, Part>(
      (this.#options.pod.spec.volumes ?? []).map((volume: Part) => [volume.name, volume]),
    );
    return (container.volumeMounts ?? []).map(({ name, mountPath, subPath = '', readOnly = false }: Part) => {
      const volume = volumes.get(name);
      const source = join(this.#pathOf(volume), subPath);
      const claim = volume.persistentVolumeClaim;
      const isWritable = volume.emptyDir !== undefined || (claim !== undefined && !claim.readOnly);
      if (subPath && isWritable) mkdirSync(source, { recursive: true });
      return { source, path: mountPath, readOnly: readOnly || !isWritable };
    });
  }

  /** What belongs to a claim stays. */
  remove(): void {
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  #pathOf({ name, persistentVolumeClaim, hostPath }: Part): string {
    if (hostPath) return hostPath.path;
    const { folder, claims, pod } = this.#options;
    if (!persistentVolumeClaim) return join(folder, name);
    return folderOf(claims, pod.metadata.namespace!, persistentVolumeClaim.claimName);
  }

  #makeFolder(path: string, forAll: boolean): void {
    mkdirSync(path, { recursive: true });
    const { fsGroup } = this.#options.pod.spec.securityContext ?? {};
    if (fsGroup !== undefined) chownSync(path, -1, fsGroup);
    // Files made in it belong to that group too.
    chmodSync(path, (forAll ? 0o777 : 0o775) | (fsGroup === undefined ? 0 : 0o2000));
  }

  /** Of volumes whose content is the cluster's; undefined for the others. */
  async #filesOf(volume: Part): Promise<Map<string, File> | undefined> {
    const { configMap, secret, downwardAPI, projected } = volume;
    if (configMap) return this.#projection({ configMap }, configMap.defaultMode);
    if (secret)
      return this.#projection({ secret: { ...secret, name: secret.secretName } }, secret.defaultMode);
    if (downwardAPI) return this.#projection({ downwardAPI }, downwardAPI.defaultMode);
    if (!projected) return undefined;
    const all = await Promise.all(
      (projected.sources ?? []).map((source: Part) => this.#projection(source, projected.defaultMode)),
    );
    return new Map(all.flatMap((files) => [...files]));
  }

  async #projection(source: Part, mode = 0o644): Promise<Map<string, File>> {
    const { configMap, secret, downwardAPI, serviceAccountToken } = source;
    if (serviceAccountToken) {
      const content = Buffer.from(await this.#token(serviceAccountToken));
      // Whoever the container runs as must read it, and nobody else has this folder.
      return new Map([[serviceAccountToken.path, { content, mode: 0o644 }]]);
    }
    if (downwardAPI)
      return new Map(
        (downwardAPI.items ?? []).map((item: Part) => [
          item.path,
          { content: Buffer.from(fieldOf(this.#options, item.fieldRef?.fieldPath)), mode: item.mode ?? mode },
        ]),
      );
    const [kind, ref] = configMap ? (['configMap', configMap] as const) : (['secret', secret] as const);
    const keys = await this.#options.sources[kind](ref.name);
    if (keys === undefined) {
      if (ref.optional) return new Map();
      throw new ConfigError(`${kind.toLowerCase()} "${ref.name}" not found`);
    }
    const items: { key: string; path: string; mode?: number }[] =
      ref.items ?? [...keys.keys()].map((key) => ({ key, path: key }));
    const files = new Map<string, File>();
    for (const item of items) {
      const content = keys.get(item.key);
      if (content !== undefined) files.set(item.path, { content, mode: item.mode ?? mode });
      else if (!ref.optional)
        throw new ConfigError(`references non-existent ${kind.toLowerCase()} key: ${item.key}`);
    }
    return files;
  }

  /** One for this pod, which is of no use once the pod is gone. Renewed when four fifths of its time are over. */
  async #token({ audience, expirationSeconds = TOKEN_SECONDS, path }: Part): Promise<string> {
    const known = this.#tokens.get(path);
    if (known && Date.now() < known.renewAt) return known.token;
    const { api, pod } = this.#options;
    const { name, namespace, uid } = pod.metadata;
    const account = pod.spec.serviceAccountName ?? 'default';
    const { status } = await api.request(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          ...(audience && { audiences: [audience] }),
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      },
    );
    this.#tokens.set(path, { token: status.token, renewAt: Date.now() + 800 * expirationSeconds });
    return status.token;
  }

  /** All files change at once: they are links into a folder that is a link, as a kubelet makes them. */
  #write(name: string, files: Map<string, File>): void {
    const state = JSON.stringify(
      [...files].map(([path, { content, mode }]) => [path, content.toString('base64'), mode]),
    );
    if (this.#written.get(name) === state) return;
    this.#written.set(name, state);
    const folder = join(this.#options.folder, name);
    this.#makeFolder(folder, false);
    const { fsGroup } = this.#options.pod.spec.securityContext ?? {};
    const version = `..${new Date().toISOString().replace(/[-:TZ]/g, '_')}`;
    for (const [path, { content, mode }] of files) {
      const file = join(folder, version, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      chmodSync(file, fsGroup === undefined ? mode : mode | 0o440);
      if (fsGroup !== undefined) chownSync(file, 0, fsGroup);
    }
    mkdirSync(join(folder, version), { recursive: true });
    symlinkSync(version, join(folder, '..data.new'));
    renameSync(join(folder, '..data.new'), join(folder, '..data'));
    const visible = new Set([...files.keys()].map((path) => path.split('/')[0]!));
    for (const entry of readdirSync(folder)) {
      if (entry === '..data' || entry === version || visible.has(entry)) continue;
      rmSync(join(folder, entry), { recursive: true, force: true });
    }
    for (const entry of visible)
      if (!lstatSync(join(folder, entry), { throwIfNoEntry: false }))
        symlinkSync(join('..data', entry), join(folder, entry));
  }
}
