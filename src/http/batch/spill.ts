import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where uploads may lie on disk while their clients do not read, and how many bytes of all of them together. Bytes are
 * reserved before they are written, so that the disk never holds more than `maxBytes`.
 */
export class SpillArea {
  readonly directory: string;
  readonly maxBytes: number;
  #reserved = 0;

  /** @param maxBytes 0: nothing is ever written */
  constructor(directory: string, maxBytes: number) {
    this.directory = directory;
    this.maxBytes = maxBytes;
  }

  get freeBytes(): number {
    return this.maxBytes - this.#reserved;
  }

  /** @returns whether so many were free */
  reserve(bytes: number): boolean {
    if (bytes > this.freeBytes) return false;
    this.#reserved += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#reserved -= bytes;
  }

  /** @throws what the file system says: the directory is missing, read-only or full */
  async open(): Promise<SpillFile> {
    const path = join(this.directory, `savings-upload-${randomUUID()}`);
    const file = await open(path, 'wx+', 0o600);
    try {
      // It has no name from here on: nobody else can open it, and it is gone when this process is, however that ends.
      await unlink(path);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new SpillFile(file);
  }
}

/** So much makes few reads, and is little beside the memory of a pod. */
const READ_BYTES = 256 * 1024;

/** Bytes that wait on disk; those that came first leave first. One reads while another appends. */
export class SpillFile {
  readonly #file: FileHandle;
  #readAt = 0;
  #writtenTo = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** What it takes of the disk, in bytes; what was read counts too. */
  get bytes(): number {
    return this.#writtenTo;
  }

  /** Appends all of them, or none as far as a reader can tell. @throws what the file system says */
  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const left = bytes.length - done;
      const { bytesWritten } = await this.#file.write(bytes, done, left, this.#writtenTo + done);
      done += bytesWritten;
    }
    this.#writtenTo += bytes.length;
  }

  /** The next bytes; undefined when none wait. @throws what the file system says */
  async read(): Promise<Uint8Array | undefined> {
    const length = Math.min(READ_BYTES, this.#writtenTo - this.#readAt);
    if (length === 0) return undefined;
    const bytes = new Uint8Array(length);
    const { bytesRead } = await this.#file.read(bytes, 0, length, this.#readAt);
    if (bytesRead === 0)
      throw new Error('Cannot read an upload from disk: its file is shorter than what was written to it.');
    this.#readAt += bytesRead;
    return bytes.subarray(0, bytesRead);
  }

  /** Empties the file, once all was read. */
  async clear(): Promise<void> {
    this.#readAt = 0;
    this.#writtenTo = 0;
    await this.#file.truncate(0);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
