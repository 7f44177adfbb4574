import type { Split } from '../grow-tree.ts';
import type { BinnedData } from './bin-columns.ts';
import type { TreeSample } from './draw-sample.ts';
import { type BinSplit, SplitCells } from './split-cells.ts';

/** Of a node of so many different rows or fewer, only the bins that they are in are looked at. */
const FEW_ROWS = 128;
/** Bins that one word marks, and the words for all of a column. */
const WORD = 32;
const WORDS = 256 / WORD;

/** A split that was made: the node's rows that go left now come before the others. */
export interface MadeSplit extends Split {
  /** Where the others begin. */
  middle: number;
  /** Rows of the sample that went left. */
  leftCount: number;
}

/**
 * Histograms of one tree's nodes: of each bin how many rows of the sample it holds and the sum of their targets, from which
 * all splits of a node follow in one sweep. In them a bin has two numbers side by side, columns follow each other.
 *
 * Targets are whole numbers (see `BinnedData`), so all sums are exact, whatever order they are made in: what is left of a
 * parent's histogram is its child's.
 */
export class BinHistograms {
  readonly #data: BinnedData;
  readonly #sample: TreeSample;
  readonly #leastRows: number;
  /** [the tree's columns] which of the data's columns each is. */
  readonly #columns: Int32Array;
  /** [the tree's columns + 1] where in a histogram each begins. */
  readonly #starts: Int32Array;
  readonly #free: Float64Array[] = [];
  readonly #cells: SplitCells;
  /** Rows that are still to be put in their place: those that go right, and those near a split. */
  readonly #rights: Int32Array;
  readonly #near: Int32Array;

  /** All places of a histogram, rising. */
  readonly #all: Int32Array;
  /** [the tree's columns + 1] where in `#all` each begins. */
  readonly #allStarts: Int32Array;

  /** 0 but while few rows are looked at: their histogram, the bins they are in, and these bins' places, rising. */
  readonly #few: Float64Array;
  readonly #marks: Int32Array;
  readonly #places: Int32Array;
  readonly #placeStarts: Int32Array;

  /**
   * @param leastRows that either side of a split holds at least
   * @param scratch [rows] each, which one tree after the other may use
   */
  constructor(
    data: BinnedData,
    sample: TreeSample,
    leastRows: number,
    scratch: { rights: Int32Array; near: Int32Array },
  ) {
    this.#data = data;
    this.#sample = sample;
    this.#leastRows = leastRows;
    this.#columns = Int32Array.from(sample.columns);
    this.#cells = new SplitCells(data, sample, leastRows);
    const width = this.#columns.length;
    this.#allStarts = new Int32Array(width + 1);
    for (const [c, column] of sample.columns.entries())
      this.#allStarts[c + 1] = this.#allStarts[c] + data.columns[column].lowest.length;
    this.#starts = this.#allStarts.map((start) => 2 * start);
    this.#all = Int32Array.from({ length: this.#allStarts[width] }, (_, bin) => 2 * bin);
    this.#rights = scratch.rights;
    this.#near = scratch.near;
    this.#few = new Float64Array(2 * this.#all.length);
    this.#marks = new Int32Array(WORDS * width);
    this.#places = new Int32Array(FEW_ROWS * width);
    this.#placeStarts = new Int32Array(width + 1);
  }

  /** Whether so many different rows are worth a histogram that is kept. */
  areMany(rows: number): boolean {
    return rows > FEW_ROWS;
  }

  /** How many rows of the sample these are, repetitions and all. */
  rowsOf(from: number, to: number): number {
    const { rows, counts } = this.#sample;
    let count = 0;
    for (let i = from; i < to; i++) count += counts[rows[i]];
    return count;
  }

  count(from: number, to: number): Float64Array {
    const histogram = this.#free.pop()?.fill(0) ?? new Float64Array(2 * this.#all.length);
    this.#add(histogram, from, to, 1);
    return histogram;
  }

  /** Takes the rows out of a histogram. */
  takeAway(histogram: Float64Array, from: number, to: number): Float64Array {
    this.#add(histogram, from, to, -1);
    return histogram;
  }

  /** Takes one child's histogram out of its parent's. */
  subtract(parent: Float64Array, child: Float64Array): Float64Array {
    for (let at = 0; at < parent.length; at++) parent[at] -= child[at];
    return parent;
  }

  /** Lets the histogram be used again. */
  release(histogram: Float64Array): void {
    this.#free.push(histogram);
  }

  #add(histogram: Float64Array, from: number, to: number, sign: number): void {
    const { bins, wholeTarget, columns } = this.#data;
    const { rows, counts } = this.#sample;
    const [own, starts, width] = [this.#columns, this.#starts, columns.length];
    for (let i = from; i < to; i++) {
      const row = rows[i];
      const count = sign * counts[row];
      const sum = count * wholeTarget[row];
      const base = row * width;
      for (let c = 0; c < own.length; c++) {
        const at = starts[c] + 2 * bins[base + own[c]];
        histogram[at] += count;
        histogram[at + 1] += sum;
      }
    }
  }

  /**
   * Splits the rows from `from` to `to` where that saves the most squared error; null where nothing does.
   *
   * @param histogram of these rows; undefined where they are few
   * @param count of the sample's rows among them
   */
  split(from: number, to: number, count: number, histogram: Float64Array | undefined): MadeSplit | null {
    const split =
      histogram === undefined
        ? this.#bestOfFew(from, to, count)
        : this.#best(histogram, this.#all, this.#allStarts, count);
    return split && this.#refineAndPart(from, to, split);
  }

  /** The best split of at most `FEW_ROWS` different rows. */
  #bestOfFew(from: number, to: number, count: number): BinSplit | null {
    const { bins, columns } = this.#data;
    const [few, marks, places] = [this.#few, this.#marks, this.#places];
    const [own, starts, width] = [this.#columns, this.#starts, columns.length];
    this.#add(few, from, to, 1);
    const { rows } = this.#sample;
    for (let i = from; i < to; i++) {
      const base = rows[i] * width;
      for (let c = 0; c < own.length; c++) {
        const bin = bins[base + own[c]];
        marks[c * WORDS + (bin >> 5)] |= 1 << (bin & 31);
      }
    }
    let marked = 0;
    for (let c = 0; c < own.length; c++) {
      for (let word = 0; word < WORDS; word++) {
        let bits = marks[c * WORDS + word];
        marks[c * WORDS + word] = 0;
        for (; bits !== 0; bits &= bits - 1)
          places[marked++] = starts[c] + 2 * (word * WORD + 31 - Math.clz32(bits & -bits));
      }
      this.#placeStarts[c + 1] = marked;
    }
    const split = this.#best(few, places, this.#placeStarts, count);
    for (let i = 0; i < marked; i++) few[places[i]] = few[places[i] + 1] = 0;
    return split;
  }

  /**
   * The split that saves the most squared error; null when none saves any. For sums S of n rows and L of the l on the left
   * that is (n L - l S)^2 / (n l (n - l)), which is 0 where all targets are equal, to the last bit.
   *
   * @param places where a histogram's bins are that may hold rows, column after column
   * @param placeStarts [the tree's columns + 1] where in `places` each column begins
   */
  #best(
    histogram: Float64Array,
    places: Int32Array,
    placeStarts: Int32Array,
    count: number,
  ): BinSplit | null {
    const [leastRows, mostRows] = [this.#leastRows, count - this.#leastRows];
    let sum = 0;
    for (let i = 0; i < placeStarts[1]; i++) sum += histogram[places[i] + 1];
    let best = 0;
    let bestColumn = -1;
    let bestPlace = -1;
    let bestLeft = 0;
    let bestLeftSum = 0;
    for (let c = 0; c + 1 < placeStarts.length; c++) {
      const end = placeStarts[c + 1];
      let left = 0;
      let leftSum = 0;
      for (let i = placeStarts[c]; i < end; i++) {
        const at = places[i];
        const here = histogram[at];
        if (here === 0) continue;
        left += here;
        if (left > mostRows) break;
        leftSum += histogram[at + 1];
        if (left < leastRows) continue;
        const apart = count * leftSum - left * sum;
        const saved = apart * apart;
        const share = left * (count - left);
        if (saved > best * share) {
          best = saved / share;
          bestColumn = c;
          bestPlace = i;
          bestLeft = left;
          bestLeftSum = leftSum;
        }
      }
    }
    if (bestColumn < 0) return null;
    let nextPlace = bestPlace + 1;
    while (histogram[places[nextPlace]] === 0) nextPlace++;
    const binAt = (i: number) => (places[i] - this.#starts[bestColumn]) >> 1;
    return {
      index: bestColumn,
      last: binAt(bestPlace),
      next: binAt(nextPlace),
      left: bestLeft,
      leftSum: bestLeftSum,
      count,
      sum,
    };
  }

  /**
   * Parts the rows by the best split within the two bins beside a split of bins, which alone would lose the steps of a target
   * that are not between two of them. All rows of other bins are parted already while those of the two are gathered.
   */
  #refineAndPart(from: number, to: number, split: BinSplit): MadeSplit {
    const { index, last, next } = split;
    const { bins, columns } = this.#data;
    const { rows } = this.#sample;
    const [own, width, near, rights] = [this.#columns[index], columns.length, this.#near, this.#rights];
    let left = from;
    let right = 0;
    let found = 0;
    for (let i = from; i < to; i++) {
      const row = rows[i];
      const bin = bins[row * width + own];
      if (bin === last || bin === next) {
        near[found++] = row;
        continue;
      }
      // Written to both, and kept in one: a branch would be guessed wrong for half of the rows.
      const goesLeft = bin < last ? 1 : 0;
      rows[left] = rights[right] = row;
      left += goesLeft;
      right += 1 - goesLeft;
    }
    const { value, gain, leftCount } = this.#cells.bestSplit(near.subarray(0, found), split);
    const { values } = columns[own];
    for (let i = 0; i < found; i++) {
      if (values[near[i]] < value) rows[left++] = near[i];
      else rights[right++] = near[i];
    }
    rows.set(rights.subarray(0, right), left);
    return { column: { index }, value, gain, middle: left, leftCount };
  }
}
