import { explain } from '../forest/explain.ts';
import type { Forest } from '../forest/forest.ts';
import type { Evaluator } from '../forest/predict.ts';
import { type Explanation, explanationOf } from './explanation.ts';
import { Encoder, InputSchema, type Inputs } from './features.ts';
import type { Feature, Manifest } from './manifest.ts';
import { NO_REFERENCE_DISTRIBUTION, type Reference } from './reference-distribution.ts';

/** An input beyond the range that the model has seen. */
export interface Warning {
  feature: string;
  side: 'below' | 'above';
  /** The end of the trained range that was passed, in the feature's unit. */
  trained: number;
}

/** Where the amount is expected to lie, in the target's unit, with the share of households it holds for. */
export interface Interval {
  low: number;
  high: number;
  coverage: number;
}

/** What one household could save; amounts in the target's unit (rupees a month in the default model). */
export interface Prediction {
  /** The answer: the forest's, in the target's unit, held within the clamp. */
  amount: number;
  /** The same before the clamp. */
  unclamped: number;
  /** What the forest itself answered: a share of income where the target is multiplied by it. */
  score: number;
  /** amount / income; 0 where that is no number, as of an income of 0. */
  rate: number;
  income: number;
  totalExpenses: number;
  /** Income less all expenses; below 0 when the household overspends. */
  remainder: number;
  interval: Interval;
  warnings: Warning[];
}

/** A forest with meaning: named inputs in, an amount with its interval out. Immutable once made. */
export class Model {
  readonly manifest: Manifest;
  /** sha256 of manifest.json, which holds the sha256 of every other file: the identity of the whole. */
  readonly sha256: string;
  /** How its training data was distributed. */
  readonly reference: Reference;
  readonly inputs: InputSchema;
  readonly income: Feature;
  readonly expenses: readonly Feature[];
  readonly #encoder: Encoder;
  readonly #evaluator: Evaluator;
  readonly #forest: Forest | undefined;
  readonly #quantities: Float64Array;
  readonly #row: Float64Array;
  readonly #incomeAt: number;
  readonly #expensesAt: Int32Array;
  readonly #multiplyAt: number;
  readonly #capAt: number;
  readonly #floor: number;
  // What each prediction reads of the manifest, side by side: between requests the caches get cold, and then each pointer
  // to follow is a wait.
  readonly #coverage: number;
  readonly #bandEnds: Float64Array;
  readonly #halfWidths: Float64Array;
  /** By feature; NaN, which nothing is below or above, for a choice. */
  readonly #trainedMin: Float64Array;
  readonly #trainedMax: Float64Array;

  /** @param forest what the evaluator was compiled from; without it, or without means in it, nothing is explained */
  constructor(
    manifest: Manifest,
    sha256: string,
    evaluator: Evaluator,
    reference: Reference = NO_REFERENCE_DISTRIBUTION,
    forest?: Forest,
  ) {
    this.manifest = manifest;
    this.sha256 = sha256;
    this.reference = reference;
    this.inputs = new InputSchema(manifest.features);
    this.income = manifest.features.find((feature) => feature.role === 'income')!;
    this.expenses = manifest.features.filter((feature) => feature.role === 'expense');
    this.#encoder = new Encoder(manifest);
    this.#evaluator = evaluator;
    this.#forest = forest?.means ? forest : undefined;
    this.#quantities = new Float64Array(this.#encoder.names.length);
    this.#row = new Float64Array(this.#encoder.width);
    this.#incomeAt = this.#encoder.indexOf(this.income.name);
    this.#expensesAt = Int32Array.from(this.expenses, ({ name }) => this.#encoder.indexOf(name));
    const { transform, clamp } = manifest.target;
    this.#multiplyAt = transform === 'identity' ? -1 : this.#encoder.indexOf(transform.multiplyBy);
    this.#capAt = clamp?.max === undefined ? -1 : this.#encoder.indexOf(clamp.max);
    this.#floor = clamp?.min ?? Number.NEGATIVE_INFINITY;
    const { coverage, bands } = manifest.interval;
    this.#coverage = coverage;
    this.#bandEnds = Float64Array.from(bands, ({ below }) => below ?? Number.POSITIVE_INFINITY);
    this.#halfWidths = Float64Array.from(bands, ({ quantile }) => quantile);
    const trained = (end: 'min' | 'max') =>
      Float64Array.from(manifest.features, (feature) =>
        feature.kind === 'choice' ? Number.NaN : feature.trained[end],
      );
    this.#trainedMin = trained('min');
    this.#trainedMax = trained('max');
  }

  get version(): string {
    return this.manifest.version;
  }

  /** @param inputs as `inputs.parse` returned them */
  predict(inputs: Inputs): Prediction {
    const row = this.encode(inputs);
    return this.#prediction(this.#quantities, this.#evaluator.predictOne(row));
  }

  /** Why `prediction`, which must be of these inputs, is what it is; undefined when the forest can't say. */
  explain(inputs: Inputs, prediction: Prediction): Explanation | undefined {
    if (this.#forest === undefined) return undefined;
    const contributions = explain(this.#forest, this.encode(inputs));
    return explanationOf(this.manifest, contributions, this.#scale(this.#quantities), prediction);
  }

  /** The forest's row for these inputs, `[columns]`; overwritten by the next call. */
  encode(inputs: Inputs): Float64Array {
    this.#encoder.encode(this.#encoder.quantities(inputs, this.#quantities), this.#row, 0);
    return this.#row;
  }

  /** Many at once, through the forest's batch path; the answers are those of `predict`, bit for bit. */
  predictMany(batch: readonly Inputs[]): Prediction[] {
    const { width } = this.#encoder;
    const rows = new Float64Array(batch.length * width);
    for (let i = 0; i < batch.length; i++) {
      this.#encoder.encode(this.#encoder.quantities(batch[i]!, this.#quantities), rows, i * width);
    }
    const scores = this.#evaluator.predictBatch(rows, batch.length);
    return batch.map((inputs, i) =>
      this.#prediction(this.#encoder.quantities(inputs, this.#quantities), scores[i]!),
    );
  }

  #prediction(quantities: Float64Array, score: number): Prediction {
    const income = quantities[this.#incomeAt]!;
    let totalExpenses = 0;
    const expensesAt = this.#expensesAt;
    for (let i = 0; i < expensesAt.length; i++) totalExpenses += quantities[expensesAt[i]!]!;
    const scale = this.#scale(quantities);
    const unclamped = score * scale;
    const amount = this.#clamp(unclamped, quantities);
    const half = this.#halfWidth(income) * scale;
    const rate = amount / income;
    return {
      amount,
      unclamped,
      score,
      rate: Number.isFinite(rate) ? rate : 0,
      income,
      totalExpenses,
      remainder: income - totalExpenses,
      interval: {
        low: this.#clamp(unclamped - half, quantities),
        high: this.#clamp(unclamped + half, quantities),
        coverage: this.#coverage,
      },
      warnings: this.#warnings(quantities),
    };
  }

  /** What the forest's answer is multiplied by. */
  #scale(quantities: Float64Array): number {
    return this.#multiplyAt < 0 ? 1 : quantities[this.#multiplyAt]!;
  }

  /** Nobody saves less than the floor, nor more than what is left over; the floor wins where the two cross. */
  #clamp(amount: number, quantities: Float64Array): number {
    const cap = this.#capAt < 0 ? Number.POSITIVE_INFINITY : quantities[this.#capAt]!;
    return Math.max(this.#floor, Math.min(amount, cap));
  }

  #halfWidth(income: number): number {
    let band = 0;
    while (band < this.#bandEnds.length - 1 && income >= this.#bandEnds[band]!) band++;
    return this.#halfWidths[band]!;
  }

  #warnings(quantities: Float64Array): Warning[] {
    const warnings: Warning[] = [];
    const [least, most] = [this.#trainedMin, this.#trainedMax];
    for (let i = 0; i < least.length; i++) {
      const value = quantities[i]!;
      if (value < least[i]!) warnings.push(this.#warning(i, 'below', least[i]!));
      else if (value > most[i]!) warnings.push(this.#warning(i, 'above', most[i]!));
    }
    return warnings;
  }

  #warning(feature: number, side: Warning['side'], trained: number): Warning {
    return { feature: this.manifest.features[feature]!.name, side, trained };
  }
}
