import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FieldError } from '../model/features.ts';
import type { Model, Prediction } from '../model/model.ts';

export type Role = 'champion' | 'challenger';
export type Surface = 'page' | 'api' | 'batch' | 'v2';

/** What became of an attempt to load a model. */
const LOAD_RESULTS = [
  'ok',
  'unchanged',
  'stale',
  'invalid',
  'not_found',
  'too_large',
  'corrupt',
  'conflict',
  'unavailable',
  'defect',
] as const;

const REASONS = ['missing', 'type', 'integer', 'below_min', 'above_max', 'choice', 'unknown'] as const;

/** Seconds: from a cached answer to a stalled one. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** Rupees a month (or whatever the target's unit is): roughly even steps of a logarithm. */
const AMOUNTS = [0, 500, 1_000, 2_000, 3_500, 5_000, 7_500, 10_000, 15_000, 25_000, 50_000, 100_000];

/** Everything this server measures of itself, in a registry of its own. Labels are bounded; no input stands in one. */
export class Metrics {
  readonly registry = new Registry();

  readonly modelLoads = this.#counter('savings_model_load_total', 'Attempts to load a model, by result.', [
    'result',
  ]);
  readonly storeRequests = this.#counter(
    'savings_store_requests_total',
    'Operations on the model store, by result.',
    ['operation', 'result'],
  );
  readonly httpRequests = this.#counter('savings_http_requests_total', 'HTTP requests, by route pattern.', [
    'method',
    'route',
    'status',
  ]);
  readonly httpDuration = this.#histogram(
    'savings_http_request_duration_seconds',
    'Time from a request to its response, by route pattern.',
    ['method', 'route'],
    SECONDS,
  );

  readonly #modelInfo = this.#gauge('savings_model_info', 'The model that is live; always 1.', [
    'name',
    'version',
    'sha256',
    'role',
  ]);
  readonly #modelLoaded = this.#gauge(
    'savings_model_loaded_timestamp_seconds',
    'When the live model was loaded.',
    [],
  );
  readonly #modelReview = this.#gauge(
    'savings_model_review_timestamp_seconds',
    'When the live model should be trained again.',
    ['version'],
  );
  readonly #predictions = this.#counter('savings_predictions_total', 'Predictions made.', [
    'version',
    'role',
    'surface',
  ]);
  readonly #predictionDuration = this.#histogram(
    'savings_prediction_duration_seconds',
    'Time to compute the predictions of one request.',
    [],
    [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25],
  );
  readonly #predictedAmount = this.#histogram(
    'savings_predicted_amount',
    "Predicted amounts, in the target's unit.",
    ['role'],
    AMOUNTS,
  );
  readonly #rejected = this.#counter(
    'savings_input_rejected_total',
    'Inputs refused, by feature and reason.',
    ['field', 'reason'],
  );
  readonly #outOfRange = this.#counter(
    'savings_input_out_of_range_total',
    'Accepted inputs beyond what the model was trained on.',
    ['feature', 'side'],
  );

  constructor(build: { version: string; revision: string; runtime: string }) {
    this.#gauge('savings_build_info', 'This build; always 1.', ['version', 'revision', 'runtime']).set(
      build,
      1,
    );
    for (const result of LOAD_RESULTS) this.modelLoads.inc({ result }, 0);
  }

  /** A model went live: its info replaces the old one's, and its counters begin at 0, so that the first counts. */
  modelLive(model: Model, role: Role, at: Date): void {
    const { name, version, reviewBy, features } = model.manifest;
    this.#modelInfo.reset();
    this.#modelInfo.set({ name, version, sha256: model.sha256, role }, 1);
    this.#modelLoaded.set(at.getTime() / 1000);
    this.#modelReview.reset();
    this.#modelReview.set({ version }, Date.parse(reviewBy) / 1000);
    for (const surface of ['page', 'api', 'batch', 'v2'] satisfies Surface[]) {
      this.#predictions.inc({ version, role, surface }, 0);
    }
    for (const { name: feature } of features) {
      for (const reason of REASONS) this.#rejected.inc({ field: feature, reason }, 0);
      for (const side of ['below', 'above']) this.#outOfRange.inc({ feature, side }, 0);
    }
    for (const reason of ['unknown', 'type']) this.#rejected.inc({ field: 'other', reason }, 0);
  }

  /** Counts the settled predictions of one request. */
  predicted(
    model: Model,
    role: Role,
    surface: Surface,
    predictions: readonly Prediction[],
    ms: number,
  ): void {
    this.#predictions.inc({ version: model.version, role, surface }, predictions.length);
    this.#predictionDuration.observe(ms / 1000);
    for (const { amount, warnings } of predictions) {
      this.#predictedAmount.observe({ role }, amount);
      for (const { feature, side } of warnings) this.#outOfRange.inc({ feature, side });
    }
  }

  rejected(errors: readonly FieldError[]): void {
    for (const { field, reason } of errors) this.#rejected.inc({ field, reason });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<L extends string>(name: string, help: string, labelNames: L[], buckets: number[]): Histogram<L> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
