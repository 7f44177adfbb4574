import { AppError } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import { partsOf } from '../../model/model-parts.ts';
import type { ScoredChunk, ScoreOptions } from '../bytes/chunk-scorer.ts';
import type { CsvChunk } from '../bytes/record-splitter.ts';
import type { ScoringMessage, ScoringReply } from './scoring-worker.ts';

/** The part of a web worker that scoring needs. */
export interface ScoringWorker {
  postMessage(message: ScoringMessage, moved: ArrayBuffer[]): void;
  onmessage: ((event: MessageEvent<ScoringReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  addEventListener(type: 'close', listener: () => void): void;
  terminate(): void;
}

export interface ScoringPoolOptions {
  /** Starts `scoring-worker.ts`; in a file that lies directly in src/, as every worker's start does. */
  spawn: () => ScoringWorker;
  /** The most workers. */
  size: number;
  /** How long workers that have nothing to do are kept, in milliseconds. */
  idleMs?: number;
}

/** Long enough for one file after another, short enough for the memory of a server that gets a file an hour. */
const IDLE_MS = 30_000;

/** Chunks that a worker has: one to score, and one so that it need not wait for the next. */
const CHUNKS_PER_WORKER = 2;

/** One chunk of a file may wait for its reader while another is scored. */
const LEAST_AHEAD = 2;

/** One CSV that is scored by a pool. */
export interface ScoringFile {
  /**
   * Scores a chunk, whose memory is no longer the caller's. Files get their turns one after another, a chunk each.
   *
   * @throws AppError `unavailable` when the worker that had it has died
   */
  score(chunk: CsvChunk): Promise<ScoredChunk>;
  /** Ends it, at any time: what waits is not scored any more, and what is being scored is thrown away. */
  close(): void;
}

interface Task {
  file: OpenFile;
  chunk: CsvChunk;
  done: PromiseWithResolvers<ScoredChunk>;
}

interface OpenFile {
  id: number;
  model: Model;
  header: CsvChunk;
  options: ScoreOptions;
  /** Chunks that no worker has yet. */
  waiting: Task[];
}

interface Hired {
  worker: ScoringWorker;
  /** What it has been given, in that order. */
  tasks: Task[];
  /** What it knows. */
  models: Set<Model>;
  files: Set<OpenFile>;
}

/**
 * Workers that score chunks of any number of CSVs, each with the model that it began with. They are started when they
 * are needed and let go when they are not; a model leaves them when no file needs it and another is in use.
 */
export class ScoringPool {
  readonly size: number;
  readonly #spawn: () => ScoringWorker;
  readonly #idleMs: number;
  readonly #workers = new Set<Hired>();
  /** Files with chunks that wait, those first whose turn it is. */
  readonly #turns: OpenFile[] = [];
  /** Models by the number that workers know them by, and how many files use each. */
  readonly #models = new Map<Model, { id: number; files: number }>();
  #latest: Model | undefined;
  /** How many files are open. */
  #open = 0;
  #ids = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor({ spawn, size, idleMs = IDLE_MS }: ScoringPoolOptions) {
    this.#spawn = spawn;
    this.size = size;
    this.#idleMs = idleMs;
  }

  /** How many chunks of each file, at the moment, keep every worker busy: all files together hold little more memory. */
  get chunksAhead(): number {
    return Math.max(LEAST_AHEAD, Math.ceil((this.size * CHUNKS_PER_WORKER) / Math.max(1, this.#open)));
  }

  /** How many workers there are at the moment. */
  get workers(): number {
    return this.#workers.size;
  }

  /** @param header the first chunk of the file, which fits the model */
  open(model: Model, header: CsvChunk, options: ScoreOptions): ScoringFile {
    const file: OpenFile = { id: this.#ids++, model, header, options, waiting: [] };
    const known = this.#models.get(model) ?? { id: this.#ids++, files: 0 };
    known.files++;
    this.#open++;
    this.#models.set(model, known);
    this.#latest = model;
    this.#forgetModels();
    let isOpen = true;
    return {
      score: (chunk) => {
        const done = Promise.withResolvers<ScoredChunk>();
        if (file.waiting.push({ file, chunk, done }) === 1) this.#turns.push(file);
        this.#handOut();
        return done.promise;
      },
      close: () => {
        if (!isOpen) return;
        isOpen = false;
        file.waiting = [];
        known.files--;
        this.#open--;
        for (const hired of this.#workers) {
          if (hired.files.delete(file)) tell(hired, { kind: 'close', file: file.id });
        }
        this.#forgetModels();
      },
    };
  }

  /** Ends the workers. Chunks that they have are given up. */
  close(): void {
    clearTimeout(this.#idle);
    for (const hired of this.#workers) this.#dismiss(hired);
  }

  /** Gives waiting chunks to workers that have room, a file at a time. */
  #handOut(): void {
    while (this.#turns.length > 0) {
      const [file] = this.#turns;
      const task = file.waiting[0];
      if (task !== undefined) {
        const hired = this.#withRoom();
        if (hired === undefined) return;
        file.waiting.shift();
        this.#give(hired, task);
      }
      this.#turns.shift();
      if (file.waiting.length > 0) this.#turns.push(file);
    }
  }

  /** The worker that has least to do, or another one; undefined when all have enough. */
  #withRoom(): Hired | undefined {
    let least: Hired | undefined;
    for (const hired of this.#workers) {
      if (least === undefined || hired.tasks.length < least.tasks.length) least = hired;
    }
    const isFree = least !== undefined && least.tasks.length === 0;
    if (!isFree && this.#workers.size < this.size) return this.#hire();
    return least !== undefined && least.tasks.length < CHUNKS_PER_WORKER ? least : undefined;
  }

  #hire(): Hired {
    const worker = this.#spawn();
    const hired: Hired = { worker, tasks: [], models: new Set(), files: new Set() };
    this.#workers.add(hired);
    worker.onmessage = ({ data }) => this.#answered(hired, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#died(hired, event.message);
    };
    // Bun tells so of a worker that has ended in whatever way.
    worker.addEventListener('close', () => this.#died(hired, 'it ended'));
    return hired;
  }

  #give(hired: Hired, task: Task): void {
    clearTimeout(this.#idle);
    const { file, chunk } = task;
    const model = this.#models.get(file.model)!.id;
    if (!hired.models.has(file.model)) {
      hired.models.add(file.model);
      tell(hired, { kind: 'model', model, parts: partsOf(file.model) });
    }
    if (!hired.files.has(file)) {
      hired.files.add(file);
      const { id, header, options } = file;
      tell(hired, { kind: 'open', file: id, model, header, options });
    }
    hired.tasks.push(task);
    tell(hired, { kind: 'score', file: file.id, chunk }, [chunk.bytes.buffer, chunk.ends.buffer]);
  }

  #answered(hired: Hired, reply: ScoringReply): void {
    const { done } = hired.tasks.shift()!;
    if (reply.ok) done.resolve(reply.scored);
    else if (reply.code === 'defect') done.reject(new Error(reply.message));
    else done.reject(new AppError(reply.code, reply.message));
    this.#handOut();
    this.#letGoWhenIdle();
  }

  #died(hired: Hired, why: string): void {
    if (!this.#workers.delete(hired)) return;
    hired.worker.terminate();
    for (const { done } of hired.tasks) {
      done.reject(
        new AppError(
          'unavailable',
          `Cannot predict the CSV: the thread that scored it has died (${why}). Send it again.`,
        ),
      );
    }
    this.#handOut();
  }

  #dismiss(hired: Hired): void {
    this.#workers.delete(hired);
    hired.worker.terminate();
  }

  #letGoWhenIdle(): void {
    for (const { tasks } of this.#workers) if (tasks.length > 0) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      for (const hired of this.#workers) this.#dismiss(hired);
      this.#latest = undefined;
      this.#forgetModels();
    }, this.#idleMs);
    // It keeps no process up that has nothing else to do.
    (this.#idle as { unref?(): void }).unref?.();
  }

  /** The latest stays as long as there are workers, though no file uses it: the next one most likely will. */
  #forgetModels(): void {
    const latest = this.#workers.size > 0 ? this.#latest : undefined;
    for (const [model, { id, files }] of this.#models) {
      if (files > 0 || model === latest) continue;
      this.#models.delete(model);
      for (const hired of this.#workers) {
        if (hired.models.delete(model)) tell(hired, { kind: 'forget', model: id });
      }
    }
  }
}

function tell({ worker }: Hired, message: ScoringMessage, moved: ArrayBuffer[] = []): void {
  worker.postMessage(message, moved);
}
