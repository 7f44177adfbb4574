import { AppError } from '../errors.ts';
import type { Forest } from './forest.ts';
import { jsKernel } from './kernel/js-kernel.ts';
import { type Kernel, TILE_ROWS, tileIndex } from './kernel/kernel.ts';
import { wasmKernel } from './kernel/wasm-kernel.ts';

/**
 * Computes one forest's output, bit for bit what ml-random-forest's `predict` returns, for any numbers: NaN, infinities
 * and -0 included. It keeps scratch memory, so one evaluator belongs to one thread.
 */
export interface Evaluator {
  readonly features: number;
  /** Which kernel walks the trees: both give the same bits, WebAssembly in less time. */
  readonly kernel: Kernel['name'];
  /** Whether the forest has quantiles to ask for. */
  readonly hasQuantiles: boolean;
  /**
   * @param quantiles where to write the lower and the upper quantile, the means over trees of their leaves' own; only of a
   * forest that has them
   * @throws AppError `invalid` when the row does not hold exactly `features` numbers.
   */
  predictOne(row: ArrayLike<number>, quantiles?: Float64Array): number;
  /**
   * @param rows [rowCount, features], row after row.
   * @param out where to write the [rowCount] outputs; made when left out.
   * @param quantiles as of `predictOne`, [rowCount, 2]
   * @throws AppError `invalid` when a length does not fit.
   */
  predictBatch(
    rows: Float64Array,
    rowCount: number,
    out?: Float64Array,
    quantiles?: Float64Array,
  ): Float64Array;
}

/** A node is two of these numbers long, and a leaf has two quantiles: its place among the nodes' bytes gives theirs. */
const BYTES = Float64Array.BYTES_PER_ELEMENT;

export type MakeKernel = (forest: Forest) => Kernel;

/** WebAssembly copies the forest into memory of its own, and some runtimes switch it off; JavaScript always works. */
function fastestKernel(forest: Forest): Kernel {
  try {
    return wasmKernel(forest);
  } catch {
    return jsKernel(forest);
  }
}

/** Makes a forest ready to predict, in a few milliseconds. */
export function compile(forest: Forest, makeKernel: MakeKernel = fastestKernel): Evaluator {
  const { features, trees } = forest;
  const kernel = makeKernel(forest);
  const outputsOfRow = kernel.outputs.subarray(0, trees);

  return {
    features,
    kernel: kernel.name,
    hasQuantiles: forest.quantiles !== null,
    predictOne(row, quantiles) {
      fillFirstRow(kernel, row, features);
      kernel.walkFirstRow();
      if (quantiles !== undefined) meanQuantiles(kernel, forest, quantiles);
      return mean(outputsOfRow);
    },
    predictBatch(rows, rowCount, out = new Float64Array(rowCount), quantiles?) {
      checkBatch(rows, rowCount, out, features);
      for (let start = 0; start < rowCount; start += TILE_ROWS) {
        const size = Math.min(TILE_ROWS, rowCount - start);
        fillTile(kernel, rows, start, size, features);
        meanOfTile(kernel, forest, out.subarray(start, start + size), quantiles?.subarray(2 * start));
      }
      return out;
    },
  };
}

/** Summed in the order of the trees from 0, as the library does: another order gives other last bits. */
function mean(outputs: Float64Array): number {
  let sum = 0;
  for (let tree = 0; tree < outputs.length; tree++) sum += outputs[tree];
  return sum / outputs.length;
}

/** Of the tile's first row, after its walk. */
function meanQuantiles({ leaves }: Kernel, { trees, quantiles }: Forest, out: Float64Array): void {
  let low = 0;
  let high = 0;
  for (let tree = 0; tree < trees; tree++) {
    const at = leaves![tree] / BYTES;
    low += quantiles![at];
    high += quantiles![at + 1];
  }
  out[0] = low / trees;
  out[1] = high / trees;
}

function meanOfTile(
  kernel: Kernel,
  { trees, quantiles }: Forest,
  out: Float64Array,
  bounds: Float64Array | undefined,
): void {
  const size = out.length;
  const { outputs, leaves } = kernel;
  out.fill(0);
  bounds?.fill(0, 0, 2 * size);
  for (let tree = 0; tree < trees; tree++) {
    kernel.walkTile(tree, size);
    for (let r = 0; r < size; r++) out[r] += outputs[r];
    if (bounds !== undefined) addQuantiles(leaves!, quantiles!, bounds, size);
  }
  for (let r = 0; r < size; r++) out[r] /= trees;
  if (bounds !== undefined) for (let i = 0; i < 2 * size; i++) bounds[i] /= trees;
}

function addQuantiles(leaves: Int32Array, quantiles: Float64Array, sums: Float64Array, size: number): void {
  for (let r = 0; r < size; r++) {
    const at = leaves[r] / BYTES;
    sums[2 * r] += quantiles[at];
    sums[2 * r + 1] += quantiles[at + 1];
  }
}

function fillFirstRow({ tile }: Kernel, row: ArrayLike<number>, features: number): void {
  if (row.length !== features) throw wrongLength('the row', row.length, features);
  for (let f = 0; f < features; f++) {
    const value = row[f];
    // A hole or null would be taken for NaN or 0 without a word.
    if (typeof value !== 'number')
      throw new AppError('invalid', `Cannot predict: place ${f} of the row is not a number.`);
    tile[tileIndex(0, f, features)] = value;
  }
}

function checkBatch(rows: Float64Array, rowCount: number, out: Float64Array, features: number): void {
  if (!Number.isSafeInteger(rowCount) || rowCount < 0)
    throw new AppError('invalid', 'Cannot predict: the number of rows is not a whole number.');
  if (rows.length !== rowCount * features) throw wrongLength('the batch', rows.length, rowCount * features);
  if (out.length !== rowCount) throw wrongLength('the output', out.length, rowCount);
}

const wrongLength = (what: string, found: number, expected: number) =>
  new AppError('invalid', `Cannot predict: ${what} holds ${found} numbers, not ${expected}.`);

function fillTile({ tile }: Kernel, rows: Float64Array, start: number, size: number, features: number): void {
  let from = start * features;
  for (let r = 0; r < size; r++) {
    for (let f = 0; f < features; f++) tile[tileIndex(r, f, features)] = rows[from++];
  }
}
