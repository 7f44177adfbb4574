import { RandomForestRegression } from 'ml-random-forest';
import type { ForestJson, NodeJson } from '../forest/format.ts';
import { report, type Watch } from './progress.ts';

export interface ForestOptions {
  trees: number;
  /** Levels below the root at most. */
  depth: number;
  /** A node of this many rows or fewer is not split. */
  nodeSize: number;
  /** Share of the columns that each tree sees, in (0, 1]. */
  featureShare: number;
  seed: number;
}

/**
 * Grows a forest in the artifact's slim JSON.
 *
 * @param rows [target.length, width]
 */
export async function growForest(
  rows: Float64Array,
  width: number,
  target: Float64Array,
  options: ForestOptions,
  watch: Watch,
): Promise<ForestJson> {
  await report(watch, { phase: 'forest', done: 0, total: options.trees });
  const forest = new RandomForestRegression({
    nEstimators: options.trees,
    maxFeatures: options.featureShare === 1 ? 1.0 : options.featureShare,
    replacement: false,
    seed: options.seed,
    useSampleBagging: true,
    noOOB: true,
    treeOptions: { maxDepth: options.depth, minNumSamples: options.nodeSize },
  });
  const matrix = Array.from(target, (_, i) => [...rows.subarray(i * width, (i + 1) * width)]);
  forest.train(matrix, [...target]);
  const json = JSON.parse(JSON.stringify(forest)) as ForestJson;
  for (const estimator of json.baseModel.estimators) {
    estimator.root = annotate(estimator.root as LibraryNode);
  }
  await report(watch, { phase: 'forest', done: options.trees, total: options.trees });
  return json;
}

interface LibraryNode {
  splitColumn: number;
  splitValue: number;
  left: LibraryNode;
  right: LibraryNode;
  distribution?: number;
  numberSamples?: number;
}

/** The library keeps no count of a small leaf, so all leaves below a split are taken to be alike. */
function annotate(node: LibraryNode): NodeJson & { mean: number } {
  if (node.distribution !== undefined) return { distribution: node.distribution, mean: node.distribution };
  const left = annotate(node.left);
  const right = annotate(node.right);
  const { splitColumn, splitValue } = node;
  return { splitColumn, splitValue, mean: (left.mean + right.mean) / 2, left, right };
}
