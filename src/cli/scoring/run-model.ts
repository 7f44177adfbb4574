import { readConfig } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { Artifact } from '../../model/artifact/artifact.ts';
import { type ModelSelector, parseModelSelector } from '../../model/model-selector.ts';
import { DirectorySource } from '../../serving/source.ts';
import type { Registry } from '../../store/registry.ts';
import { readVersionFolder } from '../../store/version-files.ts';
import { asUsageError, type Io } from '../command.ts';
import { openRegistry } from '../store-option.ts';
import type { RunRecord } from './run-record.ts';

/** Where a run finds its model. */
export class RunModels {
  readonly #registry: Registry;
  readonly #selector: ModelSelector;
  readonly #isGiven: boolean;
  /** A version's own folder, when that is what was named. */
  readonly #folder: Artifact | undefined;

  private constructor(
    registry: Registry,
    selector: { selector: ModelSelector; isGiven: boolean },
    folder: Artifact | undefined,
  ) {
    this.#registry = registry;
    this.#selector = selector.selector;
    this.#isGiven = selector.isGiven;
    this.#folder = folder;
  }

  /**
   * @param store as `--model` names it; without it the server's settings count
   * @param version as `--version` names it; without it MODEL_VERSION counts
   * @throws UsageError
   */
  static async open(store: string | undefined, version: string | undefined, io: Io): Promise<RunModels> {
    const registry = await openRegistry(store, io);
    const isFolder = version === undefined && !registry.store.name.startsWith('s3://');
    const folder = isFolder ? await readVersionFolder(registry.store.name, registry.publicKeys) : undefined;
    try {
      const { modelSelector, modelSelectorGiven } = readConfig(
        { MODEL_VERSION: io.env.MODEL_VERSION },
        FAILED,
      );
      const selector =
        version === undefined
          ? { selector: modelSelector, isGiven: modelSelectorGiven }
          : { selector: parseModelSelector(version), isGiven: true };
      return new RunModels(registry, selector, folder);
    } catch (error) {
      throw asUsageError(error);
    }
  }

  /** The version that was asked for by its name; a channel may name another by now. */
  get namedVersion(): string | undefined {
    if (this.#folder) return this.#folder.manifest.version;
    return 'version' in this.#selector ? this.#selector.version : undefined;
  }

  /** The one that a server would choose now. @throws AppError */
  async choose(): Promise<Artifact> {
    if (this.#folder) return this.#folder;
    const { name } = this.#registry.store;
    if (name.startsWith('s3://')) {
      const { version, manifestSha256 } = await this.#registry.resolve(this.#selector);
      return await this.#registry.readVersion(version, manifestSha256);
    }
    const fetched = await new DirectorySource({
      modelDir: name,
      modelSelector: this.#selector,
      modelSelectorGiven: this.#isGiven,
      publicKeys: this.#registry.publicKeys,
    }).fetch(undefined);
    if (fetched) return fetched.artifact;
    throw new AppError('not_found', `Cannot find a model in ${name}.`);
  }

  /** The very one that the run began with, whatever a channel names now. @throws AppError */
  async read({ version, manifestSha256 }: RunRecord['model']): Promise<Artifact> {
    if (!this.#folder) return await this.#registry.readVersion(version, manifestSha256);
    if (this.#folder.manifestSha256 === manifestSha256) return this.#folder;
    throw new AppError(
      'conflict',
      `Cannot go on with the run: its model is ${version} with sha256 ${manifestSha256}, and the folder holds another. ` +
        'Give the folder with that version, or score into another location.',
    );
  }
}

const FAILED = 'Cannot tell which model is meant';
