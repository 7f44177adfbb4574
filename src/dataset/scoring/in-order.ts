/** Cuts bytes, as they come, into chunks. */
export interface Splitter<Chunk> {
  push(bytes: Uint8Array): Iterable<Chunk>;
  end(): Iterable<Chunk>;
}

/** Pieces are gathered up to so many bytes while chunks before them are being scored. */
const GATHERED_BYTES = 128 * 1024;

/**
 * Scores the chunks of a CSV several at a time, and gives the results in the order of the chunks. What comes while nothing
 * is being scored is split at once, so that whoever sends little at a time gets it back as soon; otherwise it waits for
 * more, since large chunks cost less.
 *
 * @param source closed when all is over, or nobody asks any more
 * @param ahead nothing is read while so many results are being made, or wait to be asked for
 * @throws what reading, splitting or scoring throws, once all results before it have been given
 */
export async function* inOrder<Chunk, Scored>(
  source: AsyncIterator<Uint8Array>,
  splitter: Splitter<Chunk>,
  score: (chunk: Chunk) => Promise<Scored>,
  ahead: () => number,
): AsyncGenerator<Scored, void, void> {
  const scoring = new Scoring(source, splitter, score, ahead);
  void scoring.run();
  try {
    for (let result = await scoring.next(); result !== undefined; result = await scoring.next()) {
      yield await result.made;
    }
  } finally {
    await scoring.close();
  }
}

/** A result that is being made, or a failure. */
interface Result<Scored> {
  made: Promise<Scored>;
}

/** What runs ahead of whoever asks for the results. */
class Scoring<Chunk, Scored> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #splitter: Splitter<Chunk>;
  readonly #score: (chunk: Chunk) => Promise<Scored>;
  readonly #ahead: () => number;
  readonly #results: Result<Scored>[] = [];
  #gathered = new Uint8Array();
  #gatheredBytes = 0;
  /** How many chunks are being scored. */
  #underWay = 0;
  #reading: Promise<IteratorResult<Uint8Array, unknown>> | undefined;
  #isDone = false;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor(
    source: AsyncIterator<Uint8Array>,
    splitter: Splitter<Chunk>,
    score: (chunk: Chunk) => Promise<Scored>,
    ahead: () => number,
  ) {
    this.#source = source;
    this.#splitter = splitter;
    this.#score = score;
    this.#ahead = ahead;
  }

  /** The next result; undefined when there are no more. */
  async next(): Promise<Result<Scored> | undefined> {
    while (this.#results.length === 0 && !this.#isDone) await this.#changed.promise;
    const result = this.#results.shift();
    this.#tell();
    return result;
  }

  /** Nobody asks any more: what is not scored yet never is, and the source is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tell();
    const closed = this.#source.return?.();
    // When a client has gone, a read that is under way may never end: nobody waits for that.
    if (this.#reading === undefined) await closed;
    else closed?.catch(() => {});
  }

  /** Scores all, or until it is closed. What goes wrong becomes the last result. */
  async run(): Promise<void> {
    try {
      // Rows that came whole before reading failed are scored all the same.
      const failure = await this.#readAll().then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      await this.#scoreAll(this.#splitter.push(this.#takeGathered()));
      if (failure !== undefined) throw failure.error;
      await this.#scoreAll(this.#splitter.end());
    } catch (error) {
      this.#add(Promise.reject(error));
    }
    this.#isDone = true;
    this.#tell();
  }

  async #readAll(): Promise<void> {
    while (!this.#isClosed) {
      const isEnough = this.#underWay === 0 || this.#gatheredBytes >= GATHERED_BYTES;
      if (this.#gatheredBytes > 0 && isEnough) {
        await this.#scoreAll(this.#splitter.push(this.#takeGathered()));
        continue;
      }
      this.#reading ??= this.#source.next();
      // A change may be that nothing is being scored any more.
      const read = await Promise.race([this.#reading, this.#changed.promise]);
      if (read === undefined) continue;
      this.#reading = undefined;
      if (read.done) return;
      this.#gather(read.value);
    }
  }

  async #scoreAll(chunks: Iterable<Chunk>): Promise<void> {
    for (const chunk of chunks) {
      if (this.#isClosed) return;
      this.#add(this.#score(chunk));
      while (this.#results.length >= this.#ahead() && !this.#isClosed) await this.#changed.promise;
    }
  }

  #add(made: Promise<Scored>): void {
    this.#results.push({ made });
    this.#underWay++;
    const end = () => {
      this.#underWay--;
      this.#tell();
    };
    // A failure waits for its turn: until then it is no rejection that nobody handles.
    made.then(end, end);
    this.#tell();
  }

  /** What is gathered lies in the same memory each time: new memory would lie about until it is collected. */
  #gather(piece: Uint8Array): void {
    const bytes = this.#gatheredBytes + piece.length;
    if (bytes > this.#gathered.length) {
      const larger = new Uint8Array(2 * bytes);
      larger.set(this.#gathered.subarray(0, this.#gatheredBytes));
      this.#gathered = larger;
    }
    this.#gathered.set(piece, this.#gatheredBytes);
    this.#gatheredBytes = bytes;
  }

  /** @returns what is gathered, until more is */
  #takeGathered(): Uint8Array {
    const bytes = this.#gathered.subarray(0, this.#gatheredBytes);
    this.#gatheredBytes = 0;
    return bytes;
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
