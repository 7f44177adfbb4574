import type { SpillArea, SpillFile } from './spill.ts';

export interface ReadAheadOptions {
  spill: SpillArea;
  /** Bytes that were reserved of `spill` for this body in advance, because it said how long it is. */
  reservedBytes: number;
  /** Whether the runtime goes on reading a request while its response is not read; otherwise see HALF_DUPLEX_BYTES. */
  fullDuplex: boolean;
  /** How long nobody asks for bytes before they are read ahead, in milliseconds. */
  stalledMs?: number;
  /** Called once when the disk does not take any more; the body then waits for its reader as if there were no disk. */
  onSpillFailure(error: unknown): void;
}

const STALLED_MS = 1_000;

/**
 * A runtime that stops reading once its response is not read would never see the rest of the body. There, as much of the
 * response as sockets hold for certain is made at once, and the rest only when the whole body has been read.
 */
const HALF_DUPLEX_BYTES = 131_072;

/**
 * A body that goes on being read while nobody asks for it: many clients send all of a request before they read any of
 * its response, and as long as that is not read, nobody asks for more rows. Both would wait for each other for ever.
 * So what comes in such a time waits on disk, and is handed out in its order. A client that reads while it sends costs
 * no disk at all.
 */
export class ReadAhead {
  readonly #source: AsyncGenerator<Uint8Array, void, void>;
  readonly #options: ReadAheadOptions;
  #reserved: number;
  #file: SpillFile | undefined;
  /** Reads ahead at the moment; settles when it has stopped, and never rejects. */
  #reading: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether somebody asks for bytes, so that reading ahead must stop. */
  #asked = false;
  /** What was read and could not be written; it comes after all that lies in the file. */
  #unwritten: Uint8Array | undefined;
  #spillFailed = false;
  /** How the source ended, once it has. */
  #end: { error?: unknown } | undefined;
  #closed = false;
  #handedOutBytes = 0;
  #spilledBytes = 0;
  #lastByteAt = performance.now();

  constructor(source: AsyncGenerator<Uint8Array, void, void>, options: ReadAheadOptions) {
    this.#source = source;
    this.#options = options;
    this.#reserved = options.reservedBytes;
  }

  /** How much of the body went over the disk. */
  get spilledBytes(): number {
    return this.#spilledBytes;
  }

  /** When the client last sent something, in performance.now()'s milliseconds. */
  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  /** The body's bytes in their order. Whoever stops early releases everything. @throws what the source throws */
  async *bytes(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) {
        this.#asked = true;
        clearTimeout(this.#timer);
        const bytes = await this.#next();
        if (bytes === undefined) return;
        this.#asked = false;
        this.#handedOutBytes += bytes.length;
        if (!this.#options.fullDuplex && this.#handedOutBytes > HALF_DUPLEX_BYTES) {
          this.#readAhead();
          await this.#reading;
        }
        this.#timer = setTimeout(() => this.#readAhead(), this.#options.stalledMs ?? STALLED_MS);
        yield bytes;
      }
    } finally {
      this.close();
    }
  }

  async #next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const waiting = await this.#fromFile();
      if (waiting !== undefined) return waiting;
      if (this.#reading === undefined) break;
      // The piece that is on its way comes before what the source gives next.
      await this.#reading;
    }
    if (this.#unwritten !== undefined) {
      const bytes = this.#unwritten;
      this.#unwritten = undefined;
      return bytes;
    }
    const bytes = await this.#fromSource();
    if (bytes !== undefined) this.#releaseReserved(bytes.length);
    return bytes;
  }

  async #fromFile(): Promise<Uint8Array | undefined> {
    const file = this.#file;
    const bytes = await file?.read();
    if (file === undefined || bytes !== undefined || file.bytes === 0 || this.#reading !== undefined)
      return bytes;
    const { bytes: held } = file;
    await file.clear();
    this.#options.spill.release(held);
    return undefined;
  }

  /** @returns undefined at the end @throws what the source throws, each time it is asked again */
  async #fromSource(): Promise<Uint8Array | undefined> {
    if (this.#end === undefined) {
      try {
        const result = await this.#source.next();
        if (!result.done) {
          this.#lastByteAt = performance.now();
          return result.value;
        }
        this.#end = {};
      } catch (error) {
        this.#end = { error };
      }
    }
    if ('error' in this.#end) throw this.#end.error;
    return undefined;
  }

  #readAhead(): void {
    const isOff = this.#spillFailed || this.#options.spill.maxBytes === 0;
    if (isOff || this.#end !== undefined || this.#reading !== undefined) return;
    this.#reading = this.#fillFile().finally(() => {
      this.#reading = undefined;
    });
  }

  async #fillFile(): Promise<void> {
    while (!this.#asked && !this.#closed) {
      // An error waits for its turn behind the bytes that came before it.
      const bytes = await this.#fromSource().catch(() => undefined);
      if (bytes === undefined || this.#closed) return;
      try {
        await this.#append(bytes);
      } catch (error) {
        this.#unwritten = bytes;
        this.#spillFailed = true;
        this.#options.onSpillFailure(error);
        return;
      }
    }
  }

  async #append(bytes: Uint8Array): Promise<void> {
    const { spill } = this.#options;
    const fromReserve = Math.min(this.#reserved, bytes.length);
    if (!spill.reserve(bytes.length - fromReserve)) {
      throw new Error(`the uploads that wait on disk are ${spill.maxBytes} bytes already`);
    }
    try {
      this.#file ??= await spill.open();
      await this.#file.append(bytes);
    } catch (error) {
      spill.release(bytes.length - fromReserve);
      throw error;
    }
    this.#reserved -= fromReserve;
    this.#spilledBytes += bytes.length;
  }

  #releaseReserved(bytes: number): void {
    const released = Math.min(this.#reserved, bytes);
    this.#reserved -= released;
    this.#options.spill.release(released);
  }

  /** Releases everything, at any time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    // Nobody waits for it: when the client has gone, a runtime may never say that the read is done.
    void this.#source.return().catch(() => {});
    void this.#releaseAll();
  }

  /** A piece that is being written needs the file a moment longer. */
  async #releaseAll(): Promise<void> {
    await this.#reading;
    // The disk has the file's bytes until it is closed: it has no name by then.
    await this.#file?.close().catch(() => {});
    this.#options.spill.release(this.#reserved + (this.#file?.bytes ?? 0));
    this.#reserved = 0;
  }
}
