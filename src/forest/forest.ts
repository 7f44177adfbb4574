/** Bytes of one node; four nodes, two pairs of siblings, share a 64-byte cache line. */
export const NODE_BYTES = 16;

/**
 * A forest as flat arrays: plain data, so a worker can build it and post it.
 *
 * Node `i` occupies 16 bytes of `nodes`, in the machine's byte order:
 *
 * | bytes | type    | split                                               | leaf          |
 * | ----- | ------- | --------------------------------------------------- | ------------- |
 * | 0-7   | float64 | threshold                                           | output        |
 * | 8-11  | int32   | column of the row                                   | `features`    |
 * | 12-15 | int32   | index of the right child, the left one is before it | its own index |
 *
 * One step is `right - (row[column] < threshold)`. A leaf steps to itself, because evaluators keep NaN, which is below
 * nothing, in an extra column of the row: so a loop needs no test for leaves.
 */
export interface Forest {
  /** Length of a row. */
  features: number;
  trees: number;
  nodeCount: number;
  nodes: ArrayBuffer | SharedArrayBuffer;
  /** [trees] index of each tree's root. */
  roots: Int32Array;
  /** [trees] levels below each tree's root. */
  depths: Int32Array;
  /** What `explain` needs, by node index; null unless every split of the JSON carries a `mean`. */
  means: Float64Array | null;
  /**
   * [2 * i] and [2 * i + 1]: a lower and an upper quantile of the targets in leaf `i`; null unless every leaf of the JSON
   * carries them.
   */
  quantiles: Float64Array | null;
}

/** The two views under which a forest's nodes are read: [2 * i] and [4 * i + 2], [4 * i + 3] of node `i`. */
export function viewsOf(nodes: Forest['nodes']): { numbers: Float64Array; words: Int32Array } {
  return { numbers: new Float64Array(nodes), words: new Int32Array(nodes) };
}
