import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import type { ShadowMetrics } from './shadow-metrics.ts';

export interface ShadowOptions {
  /** The challenger, when it has been loaded. */
  model: () => Model | undefined;
  metrics: ShadowMetrics;
  /** Rows that may wait; more are dropped. */
  maxQueued?: number;
  /** Work done at a time, and the time from one such slice to the next. */
  sliceMs?: number;
  everyMs?: number;
}

interface Waiting {
  champion: Model;
  inputs: Inputs;
  prediction: Prediction;
}

/**
 * Lets the challenger predict what the champion has predicted, afterwards, and records how far the two are apart. Nobody waits
 * for it: it works in slices of half a millisecond, at most a twentieth of one processor, and what does not fit into
 * its queue is dropped and counted. A comparison is a sample; a stalled request would be a loss.
 */
export class Shadow {
  readonly #options: Required<ShadowOptions>;
  readonly #queue: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pair: readonly (Model | undefined)[] = [];

  constructor(options: ShadowOptions) {
    this.#options = { maxQueued: 1_000, sliceMs: 0.5, everyMs: 10, ...options };
  }

  /** Takes what the champion predicted; returns at once. */
  offer(champion: Model, inputs: readonly Inputs[], predictions: readonly Prediction[]): void {
    const { model, metrics, maxQueued } = this.#options;
    if (model() === undefined) {
      metrics.count('not_ready', inputs.length);
      return;
    }
    const taken = Math.min(inputs.length, maxQueued - this.#queue.length);
    for (let i = 0; i < taken; i++)
      this.#queue.push({ champion, inputs: inputs[i], prediction: predictions[i] });
    if (taken < inputs.length) metrics.count('dropped', inputs.length - taken);
    if (this.#queue.length > 0) this.#timer ??= setTimeout(() => this.#work(), this.#options.everyMs);
  }

  #work(): void {
    const { model, sliceMs, everyMs } = this.#options;
    const until = performance.now() + sliceMs;
    let done = 0;
    const challenger = model();
    while (challenger && done < this.#queue.length && performance.now() < until)
      this.#compare(challenger, this.#queue[done++]);
    this.#queue.splice(0, done);
    this.#timer = this.#queue.length > 0 ? setTimeout(() => this.#work(), everyMs) : undefined;
  }

  #compare(challenger: Model, { champion, inputs, prediction }: Waiting): void {
    const { metrics } = this.#options;
    if (this.#pair[0] !== champion || this.#pair[1] !== challenger) {
      this.#pair = [champion, challenger];
      metrics.restart();
    }
    const parsed = challenger.inputs.parse(inputs);
    if (!parsed.ok) {
      metrics.count('refused', 1);
      return;
    }
    const { amount } = challenger.predict(parsed.inputs);
    metrics.compared(champion.manifest, prediction.income, prediction.amount, amount);
  }
}
