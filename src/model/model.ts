import { explain } from '../forest/explain.ts';
import type { Forest } from '../forest/forest.ts';
import type { Evaluator } from '../forest/predict.ts';
import { Encoder } from './encoder.ts';
import { type Explanation, explanationOf } from './explanation.ts';
import { InputSchema, type Inputs } from './features.ts';
import { type Feature, FILES, type Manifest } from './manifest.ts';
import type { Prediction } from './prediction.ts';
import { NO_REFERENCE_DISTRIBUTION, type Reference } from './reference-distribution.ts';
import { SeenRanges } from './seen-ranges.ts';
import { unusable } from './unusable.ts';
import { type Words, wordsOf } from './words.ts';

/** Numbers of a row of `predictColumns`: the amount and both ends of its interval. */
export const AMOUNTS = 3;
/** Rows that the forest takes at once: enough to be fast, and few enough to stay in the processor's cache. */
const ROWS_PER_BATCH = 1024;

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
  readonly #one = new Float64Array(AMOUNTS);
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
  /** The forest's lower and upper quantile for one row; none where intervals lie around the prediction. */
  readonly #quantiles: Float64Array | undefined;
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
    const { coverage, bands, method } = manifest.interval;
    if (method === 'conformal-quantiles') {
      if (!evaluator.hasQuantiles)
        throw unusable(
          `${FILES.forest} of version ${manifest.version}`,
          'its leaves hold no quantiles, and the interval is made from them',
        );
      this.#quantiles = new Float64Array(2);
    }
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
    const quantiles = this.#quantiles;
    const output = this.#evaluator.predictOne(row, quantiles);
    return quantiles === undefined
      ? this.#prediction(this.#quantities, output, output, output)
      : this.#prediction(this.#quantities, output, quantiles[0], quantiles[1]);
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
    const quantiles = this.#quantiles && new Float64Array(2 * batch.length);
    const outputs = this.#evaluator.predictBatch(rows, batch.length, undefined, quantiles);
    return batch.map((inputs, i) => {
      const quantities = this.#encoder.quantities(inputs, this.#quantities);
      const [low, high] = quantiles === undefined ? [outputs[i], outputs[i]] : quantiles.subarray(2 * i);
      return this.#prediction(quantities, outputs[i], low, high);
    });
  }

  /**
   * The amounts of many rows whose inputs lie column by column, as in a columnar file: those of `predict`, bit for bit.
   *
   * @param columns one for each feature, in their order: `[rows]` valid numbers, a choice as its index. What comes of a
   * row that holds others, NaN too, means nothing
   * @returns [rows, 3]: amount, low and high, in the target's unit
   */
  predictColumns(columns: readonly Float64Array[], rows: number): Float64Array {
    const { width } = this.#encoder;
    const quantities = this.#quantities;
    const amounts = new Float64Array(rows * AMOUNTS);
    const encoded = new Float64Array(Math.min(rows, ROWS_PER_BATCH) * width);
    const quantiles = this.#quantiles && new Float64Array(2 * Math.min(rows, ROWS_PER_BATCH));
    for (let start = 0; start < rows; start += ROWS_PER_BATCH) {
      const count = Math.min(ROWS_PER_BATCH, rows - start);
      const quantitiesOf = (row: number) => {
        for (let f = 0; f < columns.length; f++) quantities[f] = columns[f][row];
        return this.#encoder.derive(quantities);
      };
      for (let i = 0; i < count; i++) this.#encoder.encode(quantitiesOf(start + i), encoded, i * width);
      const outputs = this.#evaluator.predictBatch(
        encoded.subarray(0, count * width),
        count,
        undefined,
        quantiles,
      );
      for (let i = 0; i < count; i++) {
        const low = quantiles === undefined ? outputs[i] : quantiles[2 * i];
        const high = quantiles === undefined ? outputs[i] : quantiles[2 * i + 1];
        this.#amounts(quantitiesOf(start + i), outputs[i], low, high, amounts, (start + i) * AMOUNTS);
      }
    }
    return amounts;
  }

  /** @param low, high outputs that the interval reaches beyond; the output itself without quantiles */
  #prediction(quantities: Float64Array, output: number, low: number, high: number): Prediction {
    const income = this.#incomeAt < 0 ? 0 : quantities[this.#incomeAt];
    let totalExpenses = 0;
    const expensesAt = this.#expensesAt;
    for (let i = 0; i < expensesAt.length; i++) totalExpenses += quantities[expensesAt[i]];
    const [amount, lowest, highest] = this.#amounts(quantities, output, low, high, this.#one, 0);
    const rate = amount / income;
    return {
      amount,
      unclamped: output * this.#scale(quantities),
      output,
      rate: Number.isFinite(rate) ? rate : 0,
      income,
      totalExpenses,
      remainder: this.#incomeAt < 0 ? 0 : income - totalExpenses,
      interval: { low: lowest, high: highest, coverage: this.#coverage },
      warnings: this.seen.warnings(quantities),
    };
  }

  /** Writes amount, low and high from `at` on; `low` and `high` are as `#prediction` takes them. */
  #amounts(
    quantities: Float64Array,
    output: number,
    low: number,
    high: number,
    into: Float64Array,
    at: number,
  ): Float64Array {
    const scale = this.#scale(quantities);
    const unclamped = output * scale;
    const beyond = this.#beyond(this.#incomeAt < 0 ? 0 : quantities[this.#incomeAt]) * scale;
    into[at] = this.#clamp(unclamped, quantities);
    // The prediction is always within: what is taken off quantiles that were too wide stops there.
    into[at + 1] = this.#clamp(Math.min(unclamped, Math.min(output, low) * scale - beyond), quantities);
    into[at + 2] = this.#clamp(Math.max(unclamped, Math.max(output, high) * scale + beyond), quantities);
    return into;
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

  /** By how much the interval of an income reaches beyond what it is built around, in the forest's unit. */
  #beyond(income: number): number {
    let band = 0;
    while (band < this.#bandEnds.length - 1 && income >= this.#bandEnds[band]) band++;
    return this.#halfWidths[band];
  }
}
