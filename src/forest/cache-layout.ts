/** Nodes in a 64-byte cache line: two pairs of siblings. */
const LINE = 4;

/** Stands for "is a leaf" among child indexes: no node has the first root as its child. */
export const NO_CHILD = 0;

export interface Placement {
  /** [nodes] the slot of each node: siblings stay side by side, left first. */
  slotOf: Int32Array;
  /** How many slots there are, a few of them empty; slot 0 starts a cache line. */
  slots: number;
}

/**
 * Places nodes so that a walk down a tree touches few cache lines: with each pair of siblings goes, on the same line,
 * the pair of children below it that leads to more nodes. Pairs without children share lines with each other. All
 * roots come first, since every prediction starts there.
 *
 * @param children [nodes] index of a node's left child, always above its own; NO_CHILD for a leaf.
 * @param roots [trees] index of each root.
 */
export function cacheLayout(children: Int32Array, roots: readonly number[]): Placement {
  const weight = subtreeSizes(children);
  const slotOf = new Int32Array(children.length);
  roots.forEach((root, tree) => {
    slotOf[root] = tree;
  });
  let nextLine = Math.ceil(roots.length / LINE) * LINE;
  let halfLine = -1;
  const pairs: number[] = [];

  const put = (pair: number, slot: number) => {
    slotOf[pair] = slot;
    slotOf[pair + 1] = slot + 1;
  };
  for (const root of roots) {
    if (children[root] !== NO_CHILD) pairs.push(children[root]);
    while (pairs.length > 0) {
      const pair = pairs.pop()!;
      const below = children[pair];
      const besides = children[pair + 1];
      if (below === NO_CHILD && besides === NO_CHILD) {
        if (halfLine < 0) {
          put(pair, nextLine);
          halfLine = nextLine + 2;
          nextLine += LINE;
        } else {
          put(pair, halfLine);
          halfLine = -1;
        }
        continue;
      }
      const [heavy, light] = weight[pair] >= weight[pair + 1] ? [below, besides] : [besides, below];
      put(pair, nextLine);
      put(heavy, nextLine + 2);
      nextLine += LINE;
      for (const next of [light, children[heavy], children[heavy + 1]]) {
        if (next !== NO_CHILD) pairs.push(next);
      }
    }
  }
  return { slotOf, slots: nextLine };
}

/** [nodes] how many nodes hang at or below each node. */
function subtreeSizes(children: Int32Array): Int32Array {
  const sizes = new Int32Array(children.length).fill(1);
  for (let i = children.length - 1; i >= 0; i--) {
    const child = children[i];
    if (child !== NO_CHILD) sizes[i] = 1 + sizes[child] + sizes[child + 1];
  }
  return sizes;
}
