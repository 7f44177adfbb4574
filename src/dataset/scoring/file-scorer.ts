import type { Model } from '../../model/model.ts';
import { ChunkScorer, type ScoredChunk, type ScoreOptions } from '../bytes/chunk-scorer.ts';
import type { CsvChunk } from '../bytes/record-splitter.ts';
import type { ScoringFile, ScoringPool } from './scoring-pool.ts';

/** So much of a file is scored on this thread, before a worker would have begun. */
const SMALL_BYTES = 65_536;

/** Scores the chunks of one CSV, here or by a pool. */
export class FileScorer {
  readonly #model: Model;
  readonly #options: ScoreOptions;
  readonly #pool: ScoringPool | undefined;
  #header: { chunk: CsvChunk; scorer: ChunkScorer } | undefined;
  #inPool: ScoringFile | undefined;
  #bytes = 0;

  /** @param pool scores all but the beginning of the file; without one all of it is scored here */
  constructor(model: Model, options: ScoreOptions, pool: ScoringPool | undefined) {
    this.#model = model;
    this.#options = options;
    this.#pool = pool;
  }

  /** Whether there was a header. */
  get hasBegun(): boolean {
    return this.#header !== undefined;
  }

  /** How many columns the header has, once it is known. */
  get columns(): number | undefined {
    return this.#header?.scorer.columns;
  }

  /**
   * @param header undefined when the file has none
   * @returns the result's header
   * @throws AppError `invalid` when the header does not fit the model
   */
  begin(header: CsvChunk | undefined): Uint8Array<ArrayBuffer> {
    const scorer = new ChunkScorer(header, this.#model, this.#options);
    this.#header = { chunk: header!, scorer };
    return scorer.header;
  }

  /**
   * @param chunk the header, when it has not begun
   * @throws as `begin`; AppError `unavailable` when a worker has died
   */
  async score(chunk: CsvChunk): Promise<ScoredChunk> {
    if (this.#header === undefined) return { csv: this.begin(chunk), rows: 0, faults: [], ms: 0 };
    this.#bytes += chunk.bytes.length;
    if (this.#pool === undefined || this.#bytes <= SMALL_BYTES) return this.#header.scorer.score(chunk);
    this.#inPool ??= this.#pool.open(this.#model, this.#header.chunk, this.#options);
    return await this.#inPool.score(chunk);
  }

  /** At any time: what is not scored yet never is. */
  close(): void {
    this.#inPool?.close();
  }
}
