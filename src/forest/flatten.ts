import { cacheLayout, NO_CHILD } from './cache-layout.ts';
import { type Forest, NODE_BYTES, viewsOf } from './forest.ts';
import type { ForestJson, LeafJson, NodeJson, SplitJson } from './format.ts';

/**
 * Turns checked JSON into flat arrays, laid out for the memory's cache lines.
 *
 * It reads the JSON rather than a loaded `RandomForestRegression`, since the library's loader drops `mean` and
 * `count`. Both see the same forest: like the library's loader this takes a node for a leaf when it has a
 * `distribution`, and otherwise follows `splitColumn` (through the tree's `indexes`), `splitValue`, `left` and
 * `right`; `checkForest` has refused every JSON in which other keys could make a difference.
 *
 * @param features length of the rows to predict; at least every column in `indexes` + 1.
 */
export function flatten(json: ForestJson, features: number): Forest {
  const { estimators, indexes } = json.baseModel;
  const order = breadthFirst(json);
  const nodeCount = order.nodes.length;
  const place = cacheLayout(order.children, order.roots);

  const nodes = new SharedArrayBuffer(place.slots * NODE_BYTES);
  const { numbers, words } = viewsOf(nodes);
  const means = order.annotated ? new Float64Array(place.slots) : null;
  const quantiles = order.quantiled
    ? new Float64Array(new SharedArrayBuffer(2 * place.slots * Float64Array.BYTES_PER_ELEMENT))
    : null;
  for (let tree = 0; tree < estimators.length; tree++) {
    const columns = indexes[tree];
    const end = tree + 1 < estimators.length ? order.roots[tree + 1] : nodeCount;
    for (let i = order.roots[tree]; i < end; i++) {
      const node = order.nodes[i];
      const at = place.slotOf[i];
      const child = order.children[i];
      if (child === NO_CHILD) {
        const { distribution, quantiles: ofLeaf } = node as LeafJson;
        numbers[2 * at] = distribution;
        words[4 * at + 2] = features;
        words[4 * at + 3] = at;
        if (means) means[at] = distribution;
        if (quantiles) quantiles.set(ofLeaf!, 2 * at);
      } else {
        const split = node as SplitJson;
        numbers[2 * at] = split.splitValue;
        words[4 * at + 2] = columns[split.splitColumn];
        words[4 * at + 3] = place.slotOf[child] + 1;
        if (means) means[at] = split.mean!;
      }
    }
  }
  return {
    features,
    trees: estimators.length,
    nodeCount,
    nodes,
    roots: Int32Array.from(order.roots, (root) => place.slotOf[root]),
    depths: Int32Array.from(order.depths),
    means,
    quantiles,
  };
}

interface BreadthFirst {
  nodes: NodeJson[];
  /** [nodes] index of the left child, the right one follows it; NO_CHILD for a leaf. */
  children: Int32Array;
  /** [trees] index of each root. */
  roots: number[];
  /** [trees] levels below each root. */
  depths: number[];
  /** Whether every split carries its mean. */
  annotated: boolean;
  /** Whether every leaf carries its quantiles. */
  quantiled: boolean;
}

/** Numbers the nodes tree by tree and level by level, siblings side by side. */
function breadthFirst(json: ForestJson): BreadthFirst {
  const nodes: NodeJson[] = [];
  const children: number[] = [];
  const roots: number[] = [];
  const depths: number[] = [];
  let annotated = true;
  let quantiled = true;
  for (const { root } of json.baseModel.estimators) {
    roots.push(nodes.length);
    let levelStart = nodes.push(root) - 1;
    for (let depth = 0; ; depth++) {
      const levelEnd = nodes.length;
      for (let i = levelStart; i < levelEnd; i++) {
        const node = nodes[i];
        if ('distribution' in node) {
          children.push(NO_CHILD);
          quantiled &&= node.quantiles !== undefined;
        } else {
          children.push(nodes.length);
          nodes.push(node.left, node.right);
          annotated &&= node.mean !== undefined;
        }
      }
      if (nodes.length === levelEnd) {
        depths.push(depth);
        break;
      }
      levelStart = levelEnd;
    }
  }
  return { nodes, children: Int32Array.from(children), roots, depths, annotated, quantiled };
}
