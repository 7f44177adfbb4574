import { Counter, Gauge, Registry } from 'prom-client';
import type { FieldError, Inputs, Reason } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import type { PredictionCounts } from '../model/prediction-counts.ts';
import type { Prediction } from '../model/prediction.ts';
import type { StoreOperation, StoreResult } from '../store/store.ts';
import { type Count, type Distribution, LabelledCounter, LabelledHistogram } from './counters.ts';
import { binName, DriftBins } from './drift.ts';
import { HttpMetrics } from './http-metrics.ts';
import { registerProcessMetrics } from './process-metrics.ts';
import { ShadowMetrics } from './shadow-metrics.ts';

export type Role = 'champion' | 'challenger';
export type Surface = 'page' | 'api' | 'batch' | 'v2';

const SURFACES: readonly Surface[] = ['page', 'api', 'batch', 'v2'];

/** What became of an attempt to load a model. */
const LOAD_RESULTS = [
  'ok',
  'unchanged',
  'invalid',
  'not_found',
  'too_large',
  'corrupt',
  'conflict',
  'unavailable',
  'defect',
] as const;

const REASONS: readonly Reason[] = [
  'missing',
  'type',
  'integer',
  'below_min',
  'above_max',
  'choice',
  'unknown',
];
const STORE_OPERATIONS: readonly StoreOperation[] = ['get', 'put', 'list'];
const STORE_RESULTS: readonly StoreResult[] = ['ok', 'unchanged', 'not_found', 'conflict', 'error'];
/** Seconds in the forest: one row takes microseconds, a thousand take milliseconds. */
const PREDICTION_SECONDS = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25,
];
/** In the target's unit, whichever it is: roughly even steps of a logarithm, the finest where amounts of money are. */
const AMOUNTS = [
  0, 0.01, 0.1, 1, 10, 50, 100, 200, 500, 1_000, 2_000, 3_500, 5_000, 7_500, 10_000, 15_000, 25_000, 50_000,
  100_000,
];
/** How many versions keep their series: those that may be live, and one that just was. */
const VERSIONS_KEPT = 3;

/** The series of one version in one role. */
interface Served {
  predictions: Readonly<Record<Surface, Count>>;
  amounts: Distribution;
  drift: DriftBins;
}

/** Everything this server measures of itself, in a registry of its own. Labels are bounded; no input stands in one. */
export class Metrics {
  readonly registry = new Registry();
  readonly http = new HttpMetrics(this.registry);

  readonly modelLoads = this.#counter('savings_model_load_total', 'Attempts to load a model, by result.', [
    'result',
  ]);
  readonly storeRequests = this.#counter(
    'savings_store_requests_total',
    'Requests to the store of models, by operation and result.',
    ['operation', 'result'],
  );

  readonly #modelInfo = this.#gauge('savings_model_info', 'The models that are live; always 1.', [
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
  readonly #modelChecked = this.#gauge(
    'savings_model_checked_timestamp_seconds',
    'When the store last said which model is wanted, and that one is live; before that, when it was first asked.',
    ['role'],
  );
  readonly #modelRefresh = this.#gauge(
    'savings_model_refresh_seconds',
    'How often the store is asked which model is wanted; 0: never again once a model is live.',
    [],
  );
  readonly #modelReview = this.#gauge(
    'savings_model_review_timestamp_seconds',
    'When the live model should be trained again.',
    ['version'],
  );
  readonly #predictions = new LabelledCounter(
    this.registry,
    'savings_predictions_total',
    'Predictions made.',
    ['version', 'role', 'surface'],
  );
  readonly #predictionSeconds = new LabelledHistogram(
    this.registry,
    'savings_prediction_duration_seconds',
    'Time to compute the predictions of one request.',
    [],
    PREDICTION_SECONDS,
  ).child({});
  readonly #predictedAmount = new LabelledHistogram(
    this.registry,
    'savings_predicted_amount',
    "Predicted amounts, in the target's unit.",
    ['role'],
    AMOUNTS,
  );
  readonly #rejected = new LabelledCounter(
    this.registry,
    'savings_input_rejected_total',
    'Inputs refused, by feature and reason.',
    ['field', 'reason'],
  );
  readonly #outOfRange = new LabelledCounter(
    this.registry,
    'savings_input_out_of_range_total',
    'Accepted inputs, or shares of them, beyond what the model was trained on.',
    ['feature', 'side'],
  );
  readonly #featureBins = new LabelledCounter(
    this.registry,
    'savings_feature_bin_total',
    'Settled inputs, by the bin of the training data they fall into; bin 00 is the lowest, or the first choice.',
    ['feature', 'bin', 'version'],
  );
  readonly #referenceRatio = this.#gauge(
    'savings_feature_reference_ratio',
    'Share of the training rows in each bin; an empty one counts as half a row.',
    ['feature', 'bin', 'version'],
  );
  readonly #referenceRows = this.#gauge('savings_reference_rows', 'Training rows behind the shares.', [
    'version',
  ]);

  readonly shadow = new ShadowMetrics(this.registry, this.#predictedAmount.child({ role: 'challenger' }));

  readonly #live = new Map<Role, Model>();
  /** Versions that have series, the newest last. */
  readonly #versions: string[] = [];
  /** By model, then role; weak, since a request that began with the last model may end after the next is live. */
  readonly #served = new WeakMap<Model, Map<Role, Served>>();
  constructor(build: { version: string; revision: string; runtime: string }) {
    registerProcessMetrics(this.registry);
    this.#gauge('savings_build_info', 'This build; always 1.', ['version', 'revision', 'runtime']).set(
      build,
      1,
    );
    for (const result of LOAD_RESULTS) this.modelLoads.inc({ result }, 0);
    for (const operation of STORE_OPERATIONS) {
      for (const result of STORE_RESULTS) this.storeRequests.inc({ operation, result }, 0);
    }
    for (const reason of ['unknown', 'type']) this.#rejected.child({ field: 'other', reason });
  }

  /** The store is asked from now on. @param refreshMs 0: until a model is live */
  modelFollowed(role: Role, refreshMs: number): void {
    this.#modelRefresh.set(refreshMs / 1000);
    this.modelChecked(role);
  }

  /** What is live is what the store wants. */
  modelChecked(role: Role): void {
    this.#modelChecked.set({ role }, Date.now() / 1000);
  }

  /** A model went live: what is said of it replaces what was said of the one before it in its role. */
  modelLive(model: Model, role: Role, at: Date): void {
    this.#live.set(role, model);
    for (const gauge of [this.#modelInfo, this.#modelReview, this.#referenceRatio, this.#referenceRows])
      gauge.reset();
    for (const [liveRole, one] of this.#live) this.#describe(one, liveRole);
    if (role === 'champion') this.#modelLoaded.set(at.getTime() / 1000);
    this.#servedBy(model, role);
    for (const { name: feature } of model.manifest.features) {
      for (const reason of REASONS) this.#rejected.child({ field: feature, reason });
    }
    for (const feature of model.seen.names) {
      for (const side of ['below', 'above']) this.#outOfRange.child({ feature, side });
    }
    this.#keepVersion(model.version);
  }

  /**
   * Counts the settled predictions of one request: what a person or program asked in earnest.
   *
   * @param inputs those of each prediction, for drift
   * @param ms time to compute all of them
   */
  predicted(
    model: Model,
    role: Role,
    surface: Surface,
    inputs: readonly Inputs[],
    predictions: readonly Prediction[],
    ms: number,
  ): void {
    const served = this.#servedBy(model, role);
    served.predictions[surface].value += predictions.length;
    this.#predictionSeconds.observe(ms / 1000);
    for (let i = 0; i < predictions.length; i++) {
      const { amount, warnings } = predictions[i];
      served.amounts.observe(amount);
      served.drift.count(inputs[i]);
      for (const { feature, side } of warnings) this.#outOfRange.child({ feature, side }).value++;
    }
  }

  /** The same of many, of which only what is counted is known. */
  predictedMany(model: Model, role: Role, surface: Surface, counts: PredictionCounts, ms: number): void {
    const { amounts, bins, beyond } = counts;
    const served = this.#servedBy(model, role);
    served.predictions[surface].value += amounts.length;
    this.#predictionSeconds.observe(ms / 1000);
    for (const amount of amounts) served.amounts.observe(amount);
    served.drift.add(bins);
    for (const [i, feature] of model.seen.names.entries()) {
      this.#outOfRange.child({ feature, side: 'below' }).value += beyond[2 * i];
      this.#outOfRange.child({ feature, side: 'above' }).value += beyond[2 * i + 1];
    }
  }

  rejected(errors: readonly FieldError[]): void {
    for (const { field, reason } of errors) this.#rejected.child({ field, reason }).value++;
  }

  #servedBy(model: Model, role: Role): Served {
    let roles = this.#served.get(model);
    if (roles === undefined) {
      roles = new Map();
      this.#served.set(model, roles);
    }
    let served = roles.get(role);
    if (served === undefined) {
      const { version } = model;
      const counts = SURFACES.map((surface) => [
        surface,
        this.#predictions.child({ version, role, surface }),
      ]);
      served = {
        predictions: Object.fromEntries(counts),
        amounts: this.#predictedAmount.child({ role }),
        drift: new DriftBins(model, (feature, bin) => this.#featureBins.child({ feature, bin, version })),
      };
      roles.set(role, served);
    }
    return served;
  }

  #describe({ manifest, sha256, reference }: Model, role: Role): void {
    const { name, version, reviewBy } = manifest;
    this.#modelInfo.set({ name, version, sha256, role }, 1);
    this.#modelReview.set({ version }, Date.parse(reviewBy) / 1000);
    const { rows, features } = reference;
    this.#referenceRows.set({ version }, rows);
    for (const { feature, shares } of features) {
      for (const [bin, share] of shares.entries()) {
        this.#referenceRatio.set({ feature, bin: binName(bin), version }, Math.max(share, 0.5 / rows));
      }
    }
  }

  /** Versions come for as long as the process lives; their series must not stay for as long. */
  #keepVersion(version: string): void {
    const versions = this.#versions;
    if (versions.includes(version)) versions.splice(versions.indexOf(version), 1);
    versions.push(version);
    if (versions.length <= VERSIONS_KEPT) return;
    const live = new Set([...this.#live.values()].map((model) => model.version));
    const oldest = versions.find((name) => !live.has(name))!;
    versions.splice(versions.indexOf(oldest), 1);
    this.#predictions.forget({ version: oldest });
    this.#featureBins.forget({ version: oldest });
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
