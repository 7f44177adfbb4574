import { explain } from '../forest/explain.ts';
import type { Forest } from '../forest/forest.ts';
import type { Evaluator } from '../forest/predict.ts';
import { Encoder } from './encoder.ts';
import { type Explanation, explanationOf } from './explanation.ts';
import { InputSchema, type Inputs } from './features.ts';
import type { Feature, Manifest } from './manifest.ts';
import type { Prediction } from './prediction.ts';
import { NO_REFERENCE_DISTRIBUTION, type Reference } from './reference-distribution.ts';
import { SeenRanges } from './seen-ranges.ts';
import { type Words, wordsOf } from './words.ts';

/** A forest with meaning: named inputs in, an amount with its interval out. Immutable once made. */
export class Model {
  readonly manifest: Manifest;
  /** sha256 of manifest.json, which holds the sha256 of every other file: the identity of the whole. */
  readonly sha256: string;
  /** How its training data was distributed. */
  readonly reference: Reference;
  readonly inputs: InputSchema;
  /** Absent where the model knows nothing of a budget, or of an income. */
  readonly income: Feature | undefined;
  readonly expenses: readonly Feature[];
  readonly words: Words;
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
  // What each prediction reads of the manifest lies side by side: between requests the caches get cold, and then each
  // pointer to follow is a wait.
  readonly #coverage: number;
  readonly #bandEnds: Float64Array;
  readonly #halfWidths: Float64Array;
  /** What of the forest's columns was seen in training. */
  readonly seen: SeenRanges;

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
    this.income = manifest.features.find((feature) => feature.role === 'income');
    this.expenses = manifest.features.filter((feature) => feature.role === 'expense');
    this.words = wordsOf(manifest);
    this.#encoder = new Encoder(manifest);
    this.#evaluator = evaluator;
    this.#forest = forest?.means ? forest : undefined;
    this.#quantities = new Float64Array(this.#encoder.names.length);
    this.#row = new Float64Array(this.#encoder.width);
    this.#incomeAt = this.income === undefined ? -1 : this.#encoder.indexOf(this.income.name);
    this.#expensesAt = Int32Array.from(this.expenses, ({ name }) => this.#encoder.indexOf(name));
    const { transform, clamp } = manifest.target;
    this.#multiplyAt = transform === 'identity' ? -1 : this.#encoder.indexOf(transform.multiplyBy);
    this.#capAt = clamp?.max === undefined ? -1 : this.#encoder.indexOf(clamp.max);
    this.#floor = clamp?.min ?? Number.NEGATIVE_INFINITY;
    const { coverage, bands } = manifest.interval;
    this.#coverage = coverage;
    this.#bandEnds = Float64Array.from(bands, ({ below }) => below ?? Number.POSITIVE_INFINITY);
    this.#halfWidths = Float64Array.from(bands, ({ quantile }) => quantile);
    this.seen = new SeenRanges(manifest, this.#encoder.names);
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

  /** Many at once, through the forest's batch path; the predictions are those of `predict`, bit for bit. */
  predictMany(batch: readonly Inputs[]): Prediction[] {
    const { width } = this.#encoder;
    const rows = new Float64Array(batch.length * width);
    for (let i = 0; i < batch.length; i++) {
      this.#encoder.encode(this.#encoder.quantities(batch[i], this.#quantities), rows, i * width);
    }
    const outputs = this.#evaluator.predictBatch(rows, batch.length);
    return batch.map((inputs, i) =>
      this.#prediction(this.#encoder.quantities(inputs, this.#quantities), outputs[i]),
    );
  }

  #prediction(quantities: Float64Array, output: number): Prediction {
    const income = this.#incomeAt < 0 ? 0 : quantities[this.#incomeAt];
    let totalExpenses = 0;
    const expensesAt = this.#expensesAt;
    for (let i = 0; i < expensesAt.length; i++) totalExpenses += quantities[expensesAt[i]];
    const scale = this.#scale(quantities);
    const unclamped = output * scale;
    const amount = this.#clamp(unclamped, quantities);
    const half = this.#halfWidth(income) * scale;
    const rate = amount / income;
    return {
      amount,
      unclamped,
      output,
      rate: Number.isFinite(rate) ? rate : 0,
      income,
      totalExpenses,
      remainder: this.#incomeAt < 0 ? 0 : income - totalExpenses,
      interval: {
        low: this.#clamp(unclamped - half, quantities),
        high: this.#clamp(unclamped + half, quantities),
        coverage: this.#coverage,
      },
      warnings: this.seen.warnings(quantities),
    };
  }

  /** What the forest's output is multiplied by. */
  #scale(quantities: Float64Array): number {
    return this.#multiplyAt < 0 ? 1 : quantities[this.#multiplyAt];
  }

  /** Nobody saves less than the floor, nor more than what is left over; the floor wins where the two cross. */
  #clamp(amount: number, quantities: Float64Array): number {
    const cap = this.#capAt < 0 ? Number.POSITIVE_INFINITY : quantities[this.#capAt];
    return Math.max(this.#floor, Math.min(amount, cap));
  }

  #halfWidth(income: number): number {
    let band = 0;
    while (band < this.#bandEnds.length - 1 && income >= this.#bandEnds[band]) band++;
    return this.#halfWidths[band];
  }
}
