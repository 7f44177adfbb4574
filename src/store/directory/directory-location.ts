import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../errors.ts';
import { byPath, type DataFile, isPassedOver } from '../data-file.ts';
import type { Location } from '../location.ts';
import { DirectoryStore } from './directory.ts';
import { codeOf, fileError, replaceFileBy } from './durable-file.ts';

interface Stats {
  size: number;
  mtimeMs: number;
}

/** A directory as a place for rows. Links are followed. */
export class DirectoryLocation implements Location {
  readonly name: string;
  readonly store: DirectoryStore;

  constructor(root: string) {
    this.name = root;
    this.store = new DirectoryStore(root);
  }

  async list(): Promise<DataFile[]> {
    try {
      const found = await stat(this.name);
      if (!found.isDirectory()) return [dataFile(basename(this.name), found)];
      const files: DataFile[] = [];
      await this.#walk('', files, []);
      return files.sort(byPath);
    } catch (error) {
      if (codeOf(error) === 'ENOENT')
        throw new AppError('not_found', `Cannot list ${this.name}: it does not exist.`, { cause: error });
      throw fileError('list', this.name, error);
    }
  }

  async readRange(file: DataFile, start: number, end: number): Promise<Uint8Array> {
    const path = await this.#pathOf(file);
    try {
      const handle = await open(path, 'r');
      try {
        const bytes = new Uint8Array(end - start);
        let length = 0;
        while (length < bytes.length) {
          const { bytesRead } = await handle.read(bytes, length, bytes.length - length, start + length);
          if (bytesRead === 0) break;
          length += bytesRead;
        }
        // Afterwards: what was read before a change is seen as well as what was read after it.
        if (length < bytes.length || dataFile(file.path, await handle.stat()).etag !== file.etag)
          throw new AppError('conflict', `Cannot read ${path}: it has been changed since it was listed.`);
        return bytes;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT')
        throw new AppError('not_found', `Cannot read ${path}: it does not exist any more.`, { cause: error });
      throw fileError('read', path, error);
    }
  }

  async put(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    await replaceFileBy(join(this.name, path), pieces);
  }

  async #walk(folder: string, files: DataFile[], above: readonly string[]): Promise<void> {
    const directory = join(this.name, folder);
    // A link that leads back to where it is would be walked for ever.
    const real = await realpath(directory);
    if (above.includes(real)) return;
    for (const name of await readdir(directory)) {
      if (isPassedOver(name)) continue;
      const path = folder === '' ? name : `${folder}/${name}`;
      const found = await stat(join(directory, name));
      if (found.isDirectory()) await this.#walk(path, files, [...above, real]);
      else if (found.isFile()) files.push(dataFile(path, found));
    }
  }

  /** A location may be a file itself. */
  async #pathOf({ path }: DataFile): Promise<string> {
    const inside = join(this.name, path);
    if (path !== basename(this.name)) return inside;
    const root = await stat(this.name).catch(() => undefined);
    return root?.isFile() ? join(dirname(this.name), path) : inside;
  }
}

function dataFile(path: string, { size, mtimeMs }: Stats): DataFile {
  return { path, size, etag: `${size}-${Math.trunc(mtimeMs)}` };
}
