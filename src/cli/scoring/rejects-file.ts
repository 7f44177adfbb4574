import { csvLine } from '../../dataset/csv-cell.ts';
import type { Location } from '../../store/location.ts';

/** Where a row was rejected, and why; never what it held. */
export interface Reject {
  file: string;
  /** The byte of the file from which lines are counted, where it is no row of a Parquet file. */
  offset: number;
  /** The line from there, where the first is 1; of a Parquet file the row. */
  line: number;
  message: string;
}

/** The side file of a part: a CSV that is written while the part is, and only when there is something to say. */
export class RejectsFile {
  readonly #to: Location;
  readonly #path: string;
  readonly #stream = new TransformStream<Uint8Array, Uint8Array>();
  readonly #writer = this.#stream.writable.getWriter();
  readonly #utf8 = new TextEncoder();
  #written: Promise<void> | undefined;
  #count = 0;

  constructor(to: Location, path: string) {
    this.#to = to;
    this.#path = path;
    // What goes wrong is thrown where the file is waited for.
    this.#writer.closed.catch(() => {});
  }

  get count(): number {
    return this.#count;
  }

  add({ file, offset, line, message }: Reject): void {
    if (this.#count++ === 0) {
      this.#written = this.#to.put(this.#path, this.#stream.readable);
      this.#written.catch(() => {});
      this.#write(['file', 'offset', 'line', 'message']);
    }
    this.#write([file, String(offset), String(line), message]);
  }

  /** Resolves when what was added is nearly written, so that little of it is in memory. @throws AppError */
  async room(): Promise<void> {
    if (this.#written) await Promise.race([this.#writer.ready, this.#written]);
  }

  async finish(): Promise<void> {
    this.#writer.close().catch(() => {});
    await this.#written;
  }

  /** Leaves nothing of it. */
  async abort(reason: unknown): Promise<void> {
    this.#writer.abort(reason).catch(() => {});
    await this.#written?.catch(() => {});
  }

  #write(cells: string[]): void {
    this.#writer.write(this.#utf8.encode(csvLine(cells))).catch(() => {});
  }
}
