import { bestSplit, type Sample } from './best-split.ts';
import { orderByRank, type RankedColumn, rankColumn } from './column-ranks.ts';
import type { BootstrapSample } from './bootstrap.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingData } from './training-data.ts';

export interface Split {
  /** Its `index` is its place among the columns that the tree drew. */
  column: { index: number };
  /** Rows below it go left. */
  value: number;
  /** How good it is, by the measure of whoever found it. */
  gain: number;
}

export interface GrownNode {
  /** Mean target of the node's rows. */
  mean: number;
  /** How many rows of the sample reached the node. */
  count: number;
  /** The best split, kept or not; null when none was looked for, or nothing could be split. */
  split: Split | null;
  /** Whether the split was kept. */
  hasChildren: boolean;
}

export interface TreeGrower {
  /** The tree's nodes in preorder: the left child comes right after its parent, the right one after all of the left. */
  grow(bootstrap: BootstrapSample): GrownNode[];
}

/**
 * Grows the regression trees that ml-cart 2.1 would grow, in O(columns x rows) a level instead of O(columns x
 * rows^2) a node: columns are sorted once for the whole forest, each tree's order is derived by counting, and each
 * node's by a stable partition of its parent's.
 *
 * @param data checked.
 * @param options checked.
 * @param recordRejected whether to look for the best split also of nodes that the depth lets be nothing but leaves:
 *   the library does, and writes it down.
 */
export function createTreeGrower(
  data: TrainingData,
  options: TrainOptions,
  recordRejected: boolean,
): TreeGrower {
  const { maxDepth = Infinity, minNumSamples = 3, gainThreshold = 0 } = options.treeOptions;
  const { minSamplesLeaf } = options;
  const ranked = data.columns.map(rankColumn);
  const rows = data.target.length;
  const goesLeft = new Uint8Array(rows);
  const rightHalf = new Int32Array(rows);

  /** Puts the places that go left before those that go right, each half in its order. */
  const partition = (order: Int32Array, from: number, to: number) => {
    let left = from;
    let right = 0;
    for (let i = from; i < to; i++) {
      const place = order[i];
      if (goesLeft[place]) order[left++] = place;
      else rightHalf[right++] = place;
    }
    order.set(rightHalf.subarray(0, right), left);
  };

  return {
    grow(bootstrap) {
      const sample = takeSample(data.target, ranked, bootstrap);
      const nodes: GrownNode[] = [];
      const open = [{ from: 0, to: rows, depth: 0, parentGain: 0 }];
      while (open.length > 0) {
        const { from, to, depth, parentGain } = open.pop()!;
        const mean = meanTarget(sample, from, to);
        const node: GrownNode = { mean, count: to - from, split: null, hasChildren: false };
        nodes.push(node);
        if (to - from <= minNumSamples || (depth >= maxDepth && !recordRejected)) continue;

        const split = bestSplit(sample, from, to, mean, minSamplesLeaf);
        node.split = split;
        // A gain of 0 is a perfect split, which the library refuses.
        if (depth >= maxDepth || split === null || !(split.gain > gainThreshold) || split.gain === parentGain)
          continue;
        const { values, order } = split.column;
        let middle = from;
        while (middle < to && values[order[middle]] < split.value) middle++;
        if (middle === from || middle === to) continue;

        node.hasChildren = true;
        for (let i = from; i < to; i++) goesLeft[order[i]] = i < middle ? 1 : 0;
        partition(sample.order, from, to);
        const childrenAreLeaves =
          Math.max(middle - from, to - middle) <= minNumSamples || (depth + 1 >= maxDepth && !recordRejected);
        if (!childrenAreLeaves) {
          for (const column of sample.columns) if (column !== split.column) partition(column.order, from, to);
        }
        open.push({ from: middle, to, depth: depth + 1, parentGain: split.gain });
        open.push({ from, to: middle, depth: depth + 1, parentGain: split.gain });
      }
      return nodes;
    },
  };
}

/** A column drawn twice is taken once: its twin splits the same, and the first one wins. */
function takeSample(target: Float64Array, ranked: RankedColumn[], bootstrap: BootstrapSample): Sample {
  const { rows } = bootstrap;
  const columns = bootstrap.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column, index }) => bootstrap.columns.indexOf(column) === index)
    .map(({ column, index }) => ({
      index,
      values: gather(ranked[column].values, rows),
      order: orderByRank(ranked[column], rows),
    }));
  return {
    target: gather(target, rows),
    order: Int32Array.from(rows, (_, place) => place),
    columns,
  };
}

function gather(values: Float64Array, rows: Int32Array): Float64Array {
  const gathered = new Float64Array(rows.length);
  for (let place = 0; place < rows.length; place++) gathered[place] = values[rows[place]];
  return gathered;
}

/** Summed in the sample's order, as the library does. */
function meanTarget({ target, order }: Sample, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += target[order[i]];
  return sum / (to - from);
}
