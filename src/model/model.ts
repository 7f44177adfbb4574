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

/** Numbers of a predicted row: the amount and both ends of its interval. */
export const AMOUNTS = 3;
/** Rows that are taken at once from columns: enough to be fast, and few enough to stay in the processor's cache. */
const ROWS_PER_BATCH = 1024;

/** A forest with meaning: named inputs in, an amount with its interval out. Immutable once made. */
export class Model {
  readonly manifest: Manifest;
  /** sha256 of manifest.json, which holds the sha256 of every other file: the identity of the whole. */
  readonly sha256: string;
  /** How its training data was distributed. */
  readonly reference: Reference;
  /** Absent where the model is made only to be checked. */
  readonly forest: Forest | undefined;
  readonly inputs: InputSchema;
  /** Absent where the model knows nothing of a budget, or of an income. */
  readonly income: Feature | undefined;
  readonly expenses: readonly Feature[];
  readonly words: Words;
  readonly #encoder: Encoder;
  readonly #evaluator: Evaluator;
  readonly #quantities: Float64Array;
  readonly #row: Float64Array;
  readonly #amountsOfOne = new Float64Array(AMOUNTS);
  /** For one batch after another: new memory for each would lie about until it is collected. */
  #room = roomFor(0, 0);
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
    this.forest = forest;
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
    if (!this.forest?.means) return undefined;
    const contributions = explain(this.forest, this.encode(inputs));
    return explanationOf(this.manifest, contributions, this.#scale(this.#quantities, 0), prediction);
  }

  /** The forest's row for these inputs, `[columns]`; overwritten by the next call. */
  encode(inputs: Inputs): Float64Array {
    this.#encoder.encode(this.#encoder.quantities(inputs, this.#quantities), this.#row, 0);
    return this.#row;
  }

  /** Many at once, through the forest's batch path; the predictions are those of `predict`, bit for bit. */
  predictMany(batch: readonly Inputs[]): Prediction[] {
    const width = this.width;
    const quantities = new Float64Array(batch.length * width);
    for (let i = 0; i < batch.length; i++) this.#encoder.features(batch[i], quantities, i * width);
    const { outputs, quantiles } = this.#outputs(quantities, batch.length);
    return batch.map((_, i) => {
      const [low, high] = quantiles === undefined ? [outputs[i], outputs[i]] : quantiles.subarray(2 * i);
      return this.#prediction(quantities.subarray(i * width, (i + 1) * width), outputs[i], low, high);
    });
  }

  /** How many numbers of a row `predictQuantities` takes: its features', then its derived columns'. */
  get width(): number {
    return this.#encoder.names.length;
  }

  /** Where a feature stands among them. */
  indexOf(name: string): number {
    return this.#encoder.indexOf(name);
  }

  /**
   * Many at once, without an object for any of them.
   *
   * @param quantities `[rows, width]` with the features of each row, as numbers; the derived columns are filled in
   * @returns `[rows, 3]`: the amount, and the low and high ends of its interval, as `predict` gives them
   */
  predictQuantities(quantities: Float64Array, rows: number): Float64Array {
    const { outputs, quantiles } = this.#outputs(quantities, rows);
    const predictions = new Float64Array(AMOUNTS * rows);
    for (let row = 0; row < rows; row++) {
      const output = outputs[row];
      const low = quantiles === undefined ? output : quantiles[2 * row];
      const high = quantiles === undefined ? output : quantiles[2 * row + 1];
      this.#amounts(quantities, row * this.width, output, low, high, predictions, AMOUNTS * row);
    }
    return predictions;
  }

  /**
   * The same of rows whose inputs lie column by column, as in a columnar file.
   *
   * @param columns one for each feature, in their order: `[rows]` valid numbers, a choice as its index. What comes of a
   * row that holds others, NaN too, means nothing
   * @returns `[rows, 3]`, as of `predictQuantities`
   */
  predictColumns(columns: readonly Float64Array[], rows: number): Float64Array {
    const { width } = this;
    const predictions = new Float64Array(AMOUNTS * rows);
    const quantities = new Float64Array(Math.min(rows, ROWS_PER_BATCH) * width);
    for (let start = 0; start < rows; start += ROWS_PER_BATCH) {
      const count = Math.min(ROWS_PER_BATCH, rows - start);
      for (const [f, column] of columns.entries()) {
        for (let i = 0; i < count; i++) quantities[i * width + f] = column[start + i];
      }
      const amounts = this.predictQuantities(quantities.subarray(0, count * width), count);
      predictions.set(amounts, AMOUNTS * start);
    }
    return predictions;
  }

  /** Fills in the derived columns, and asks the forest. What it returns is overwritten by the next call. */
  #outputs(quantities: Float64Array, rows: number) {
    const encoder = this.#encoder;
    if (rows > this.#room.rows) this.#room = roomFor(rows, encoder.width);
    const columns = this.#room.columns.subarray(0, rows * encoder.width);
    const outputs = this.#room.outputs.subarray(0, rows);
    encoder.encodeRows(encoder.derive(quantities, rows), rows, columns);
    const quantiles = this.#quantiles && this.#room.quantiles.subarray(0, 2 * rows);
    this.#evaluator.predictBatch(columns, rows, outputs, quantiles);
    return { outputs, quantiles };
  }

  /** @param low, high outputs that the interval reaches beyond; the output itself without quantiles */
  #prediction(quantities: Float64Array, output: number, low: number, high: number): Prediction {
    const income = this.#incomeAt < 0 ? 0 : quantities[this.#incomeAt];
    let totalExpenses = 0;
    const expensesAt = this.#expensesAt;
    for (let i = 0; i < expensesAt.length; i++) totalExpenses += quantities[expensesAt[i]];
    const amounts = this.#amounts(quantities, 0, output, low, high, this.#amountsOfOne, 0);
    const rate = amounts[0] / income;
    return {
      amount: amounts[0],
      unclamped: output * this.#scale(quantities, 0),
      output,
      rate: Number.isFinite(rate) ? rate : 0,
      income,
      totalExpenses,
      remainder: this.#incomeAt < 0 ? 0 : income - totalExpenses,
      interval: { low: amounts[1], high: amounts[2], coverage: this.#coverage },
      warnings: this.seen.warnings(quantities),
    };
  }

  /** Writes the amount and the ends of its interval to `into` from `at` on; the row's quantities begin at `from`. */
  #amounts(
    quantities: Float64Array,
    from: number,
    output: number,
    low: number,
    high: number,
    into: Float64Array,
    at: number,
  ): Float64Array {
    const income = this.#incomeAt < 0 ? 0 : quantities[from + this.#incomeAt];
    const scale = this.#scale(quantities, from);
    const cap = this.#capAt < 0 ? Number.POSITIVE_INFINITY : quantities[from + this.#capAt];
    const unclamped = output * scale;
    const beyond = this.#beyond(income) * scale;
    into[at] = this.#clamp(unclamped, cap);
    // The prediction is always within: what is taken off quantiles that were too wide stops there.
    into[at + 1] = this.#clamp(Math.min(unclamped, Math.min(output, low) * scale - beyond), cap);
    into[at + 2] = this.#clamp(Math.max(unclamped, Math.max(output, high) * scale + beyond), cap);
    return into;
  }

  /** What the forest's output is multiplied by. */
  #scale(quantities: Float64Array, from: number): number {
    return this.#multiplyAt < 0 ? 1 : quantities[from + this.#multiplyAt];
  }

  /** Nobody saves less than the floor, nor more than what is left over; the floor wins where the two cross. */
  #clamp(amount: number, cap: number): number {
    return Math.max(this.#floor, Math.min(amount, cap));
  }

  /** By how much the interval of an income reaches beyond what it is built around, in the forest's unit. */
  #beyond(income: number): number {
    let band = 0;
    while (band < this.#bandEnds.length - 1 && income >= this.#bandEnds[band]) band++;
    return this.#halfWidths[band];
  }
}

/** What the forest reads and writes of so many rows. */
const roomFor = (rows: number, width: number) => ({
  rows,
  columns: new Float64Array(rows * width),
  outputs: new Float64Array(rows),
  quantiles: new Float64Array(2 * rows),
});
