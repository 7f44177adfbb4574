import { AppError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import { loadModel } from '../model/artifact/load.ts';
import type { Model } from '../model/model.ts';
import type { Metrics, Role } from './metrics.ts';

/** What a source gave: bytes to verify. */
export interface Fetched {
  artifact: Artifact;
  /** Why this may not be the wanted version. */
  stale?: string;
  /** Called when the model has passed every check and is live. */
  accepted?(): Promise<void>;
}

/** Where the wanted version's bytes come from. */
export interface ModelSource {
  /** For messages: the selector and the store. */
  readonly description: string;
  /**
   * @param live the model that is live now
   * @returns undefined when that one is still the wanted one
   */
  fetch(live: Model | undefined): Promise<Fetched | undefined>;
}

/** What `/readyz` and the page show. */
export interface LiveModelState {
  model: Model | undefined;
  loadedAt: Date | undefined;
  /** Why the model that is live may not be the wanted one. */
  stale: string | undefined;
  /** The last attempt's failure; undefined after a success. */
  failure: string | undefined;
}

export interface LiveModelOptions {
  source: ModelSource;
  role: Role;
  log: Log;
  metrics: Metrics;
  /** Starts a worker of model/artifact/load-worker.ts. */
  spawnWorker: () => Worker;
  /** Time between looks at the source once a model is live; 0: never again. */
  refreshMs: number;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/**
 * The model that serves requests. A bad or unreachable one never replaces a good one: whatever fails is logged,
 * counted, shown in `state`, and tried again.
 */
export class LiveModel {
  readonly #options: LiveModelOptions;
  readonly #stop = new AbortController();
  #state: LiveModelState = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
  #refreshing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveModelOptions) {
    this.#options = options;
  }

  get state(): Readonly<LiveModelState> {
    return this.#state;
  }

  get model(): Model | undefined {
    return this.#state.model;
  }

  /** Loads the model, then follows the source until `stop`. Resolves after the first attempt, whatever it gave. */
  async start(): Promise<void> {
    const { metrics, role, refreshMs } = this.#options;
    metrics.modelFollowed(role, refreshMs);
    await this.#turn(FIRST_RETRY_MS);
  }

  stop(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  /** Looks at the source now. Never throws; two calls at once share one look. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /**
   * The same, with a look that begins after this call, since one that is under way may have passed what has changed;
   * and one that fails is followed by others.
   */
  async lookAgain(): Promise<void> {
    await this.#refreshing;
    if (!this.#stop.signal.aborted) await this.#turn(FIRST_RETRY_MS);
  }

  async #turn(retryMs: number): Promise<void> {
    await this.refresh();
    clearTimeout(this.#timer);
    if (this.#stop.signal.aborted) return;
    const { refreshMs } = this.#options;
    const { model, stale, failure } = this.#state;
    const failed = model === undefined || stale !== undefined || failure !== undefined;
    if (!failed && refreshMs === 0) return;
    // Pods that started together must not ask together for ever.
    const jitter = 0.8 + 0.4 * Math.random();
    const waitMs = (failed ? retryMs : refreshMs) * jitter;
    const nextRetryMs = failed ? Math.min(retryMs * 2, LAST_RETRY_MS) : FIRST_RETRY_MS;
    this.#timer = setTimeout(() => this.#turn(nextRetryMs), waitMs);
  }

  async #refresh(): Promise<void> {
    const { source, role, log, metrics, spawnWorker } = this.#options;
    try {
      const fetched = await source.fetch(this.#state.model);
      if (fetched === undefined) {
        metrics.modelLoads.inc({ result: 'unchanged' });
        metrics.modelChecked(role);
        this.#state = { ...this.#state, stale: undefined, failure: undefined };
        return;
      }
      const { artifact, stale } = fetched;
      const began = performance.now();
      const model = await loadModel(artifact, { spawn: spawnWorker, signal: this.#stop.signal });
      this.#state = { model, loadedAt: new Date(), stale, failure: undefined };
      metrics.modelLoads.inc({ result: 'ok' });
      metrics.modelLive(model, role, new Date());
      if (stale === undefined) metrics.modelChecked(role);
      log.info('model is live', {
        role,
        version: model.version,
        sha256: model.sha256.slice(0, 12),
        loadMs: Math.round(performance.now() - began),
        stale,
      });
      await fetched.accepted?.();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const { source, role, log, metrics } = this.#options;
    const known = error instanceof AppError;
    metrics.modelLoads.inc({ result: known ? error.code : 'defect' });
    this.#state = { ...this.#state, failure: messageOf(error) };
    log.error('cannot load the model', {
      role,
      source: source.description,
      code: known ? error.code : 'defect',
      reason: messageOf(error),
      keeps: this.#state.model?.version ?? null,
      stack: known ? undefined : (error as Error).stack,
    });
  }
}
