import { type Forest, viewsOf } from '../src/forest/forest.ts';

/** A tree by node, the root first, as other libraries hold one. A step goes left where the row's value is below the threshold. */
export interface PlainTree {
  depth: number;
  /** Which column a split looks at; -1 of a leaf. */
  column: number[];
  threshold: number[];
  /** -1 of a leaf. */
  left: number[];
  right: number[];
  /** What a leaf answers: the output, and its quantiles where the forest has them; zeros of a split. */
  answers: number[][];
}

export function plainTrees(forest: Forest): PlainTree[] {
  const { numbers, words } = viewsOf(forest.nodes);
  const answersOf = (node: number) => [
    numbers[2 * node],
    ...(forest.quantiles?.subarray(2 * node, 2 * node + 2) ?? []),
  ];
  return Array.from(forest.roots, (root, t) => {
    const tree: PlainTree = {
      depth: forest.depths[t],
      column: [],
      threshold: [],
      left: [],
      right: [],
      answers: [],
    };
    const ids = new Map([[root, 0]]);
    // A Map can be walked while it grows.
    for (const node of ids.keys()) {
      const column = words[4 * node + 2];
      const right = words[4 * node + 3];
      const isLeaf = column === forest.features;
      if (!isLeaf) {
        ids.set(right - 1, ids.size);
        ids.set(right, ids.size);
      }
      tree.column.push(isLeaf ? -1 : column);
      tree.threshold.push(isLeaf ? 0 : numbers[2 * node]);
      tree.left.push(isLeaf ? -1 : ids.get(right - 1)!);
      tree.right.push(isLeaf ? -1 : ids.get(right)!);
      tree.answers.push(isLeaf ? answersOf(node) : answersOf(node).fill(0));
    }
    return tree;
  });
}
