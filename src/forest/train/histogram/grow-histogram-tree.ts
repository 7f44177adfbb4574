import type { GrownNode } from '../grow-tree.ts';
import type { TrainOptions } from '../train-options.ts';
import type { BinnedData } from './bin-columns.ts';
import { BinHistograms } from './bin-histograms.ts';
import type { TreeSample } from './draw-sample.ts';

/** A node that is still to be written, which owns the sample's rows from `from` to `to` (exclusive). */
interface OpenNode {
  from: number;
  to: number;
  depth: number;
  /** Rows of the tree's sample, repetitions and all. */
  count: number;
  /** Of a node that may be split and has many rows: what its parent left. */
  histogram: Float64Array | undefined;
}

/**
 * Grows regression trees from histograms of bins: see `BinHistograms`. A child's is counted from its rows for the smaller
 * one alone; the other's is what is left of the parent's (Ke et al., "LightGBM", NeurIPS 2017). A split is the one that saves
 * the most squared error, if it saves any.
 *
 * @param options checked
 */
export function createHistogramGrower(
  data: BinnedData,
  options: TrainOptions,
): (sample: TreeSample) => GrownNode[] {
  const { maxDepth = Infinity, minNumSamples = 3 } = options.treeOptions;
  const { minSamplesLeaf } = options;
  const { target } = data;
  const scratch = { rights: new Int32Array(target.length), near: new Int32Array(target.length) };

  return (sample) => {
    const { rows, counts } = sample;
    const histograms = new BinHistograms(data, sample, minSamplesLeaf, scratch);
    const canSplit = ({ count, depth }: OpenNode) =>
      count > minNumSamples && count >= 2 * minSamplesLeaf && depth < maxDepth;
    const hasHistogram = (node: OpenNode) => canSplit(node) && histograms.areMany(node.to - node.from);

    /** Gives each child that needs one its histogram; the parent's is used up. */
    const passOn = (histogram: Float64Array, [left, right]: readonly [OpenNode, OpenNode]) => {
      const leftIsSmaller = left.to - left.from <= right.to - right.from;
      const [smaller, larger] = leftIsSmaller ? [left, right] : [right, left];
      if (hasHistogram(smaller)) {
        smaller.histogram = histograms.count(smaller.from, smaller.to);
        larger.histogram = histograms.subtract(histogram, smaller.histogram);
      } else if (hasHistogram(larger)) {
        larger.histogram = histograms.takeAway(histogram, smaller.from, smaller.to);
      } else histograms.release(histogram);
    };

    /** Beside the first of the targets, so that the mean of equal ones is theirs. */
    const meanTarget = (from: number, to: number, count: number) => {
      const first = target[rows[from]];
      let sum = 0;
      for (let i = from; i < to; i++) sum += counts[rows[i]] * (target[rows[i]] - first);
      return first + sum / count;
    };

    const nodes: GrownNode[] = [];
    const root: OpenNode = {
      from: 0,
      to: rows.length,
      depth: 0,
      count: histograms.rowsOf(0, rows.length),
      histogram: undefined,
    };
    if (hasHistogram(root)) root.histogram = histograms.count(0, rows.length);
    const open = [root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      const { from, to, depth, count, histogram } = node;
      const split = canSplit(node) ? histograms.split(from, to, count, histogram) : null;
      const mean = split === null ? meanTarget(from, to, count) : 0;
      nodes.push({ mean, count, split, hasChildren: split !== null });
      if (split === null) {
        if (histogram !== undefined) histograms.release(histogram);
        continue;
      }
      const { middle, leftCount } = split;
      const below = { depth: depth + 1, histogram: undefined };
      const left: OpenNode = { ...below, from, to: middle, count: leftCount };
      const right: OpenNode = { ...below, from: middle, to, count: count - leftCount };
      if (histogram !== undefined) passOn(histogram, [left, right]);
      open.push(right, left);
    }
    fillMeans(nodes);
    return nodes;
  };
}

/** The means of nodes with children, which come after them, from those of these. */
function fillMeans(nodes: GrownNode[]): void {
  const done: GrownNode[] = [];
  for (const node of nodes.toReversed()) {
    if (node.hasChildren) {
      const [left, right] = [done.pop()!, done.pop()!];
      node.mean = left.mean + (right.mean - left.mean) * (right.count / node.count);
    }
    done.push(node);
  }
}
