import { type Forest, viewsOf } from '../forest.ts';
import { bytes, doubles, integer, integers } from './attributes.ts';

/** Values of the attributes of TreeEnsemble. */
const AVERAGE = 0;
const NO_TRANSFORM = 0;
const BRANCH_LESS = 1;

/** What a forest's leaves can answer with: their outputs, or one of their quantiles. */
export type LeafValue = 'output' | 'low' | 'high';

/**
 * The attributes of a TreeEnsemble of ai.onnx.ml 5 that is this forest: thresholds and leaves in float64 as they are, and
 * `<` to the left, so that NaN goes right, as everywhere here. Nodes are numbered as they are met, breadth first, tree by
 * tree; splits and leaves apart, as the operator has them
 * (https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md#ai.onnx.ml.TreeEnsemble).
 *
 * @param of quantiles only of a forest that has them
 */
export function treeEnsemble(forest: Forest, of: LeafValue): Uint8Array[] {
  const { numbers, words } = viewsOf(forest.nodes);
  const column = (node: number) => words[4 * node + 2];
  const isLeaf = (node: number) => column(node) === forest.features;
  const leafValue = (leaf: number) =>
    of === 'output' ? numbers[2 * leaf] : forest.quantiles![2 * leaf + (of === 'low' ? 0 : 1)];

  const roots: number[] = [];
  const columns: number[] = [];
  const thresholds: number[] = [];
  const left = { child: [] as number[], isLeaf: [] as number[] };
  const right = { child: [] as number[], isLeaf: [] as number[] };
  const leaves: number[] = [];

  for (const root of forest.roots) {
    roots.push(columns.length);
    const first = columns.length;
    const splits = [root];
    const add = (side: typeof left, node: number) => {
      side.isLeaf.push(isLeaf(node) ? 1 : 0);
      if (isLeaf(node)) side.child.push(leaves.push(leafValue(node)) - 1);
      else side.child.push(first + splits.push(node) - 1);
    };
    // A tree without splits gets one whose sides are alike: onnxruntime 1.21 answers wrongly for the operator's own way,
    // where both sides are one leaf.
    if (isLeaf(root)) {
      columns.push(0);
      thresholds.push(0);
      add(left, root);
      add(right, root);
      continue;
    }
    // An array can be walked while it grows.
    for (const node of splits) {
      columns.push(column(node));
      thresholds.push(numbers[2 * node]);
      const rightChild = words[4 * node + 3];
      add(left, rightChild - 1);
      add(right, rightChild);
    }
  }
  return [
    integer('n_targets', 1),
    integer('aggregate_function', AVERAGE),
    integer('post_transform', NO_TRANSFORM),
    integers('tree_roots', roots),
    integers('nodes_featureids', columns),
    doubles('nodes_splits', thresholds),
    bytes('nodes_modes', new Uint8Array(columns.length).fill(BRANCH_LESS)),
    integers('nodes_truenodeids', left.child),
    integers('nodes_trueleafs', left.isLeaf),
    integers('nodes_falsenodeids', right.child),
    integers('nodes_falseleafs', right.isLeaf),
    integers('leaf_targetids', new Uint8Array(leaves.length)),
    doubles('leaf_weights', leaves),
  ];
}
